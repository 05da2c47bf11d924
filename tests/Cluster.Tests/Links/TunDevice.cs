using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>A network device whose other end is this process: packets of IP, one a read or write.</summary>
/// <remarks>It is gone when it is disposed, or when the process is.</remarks>
internal sealed partial class TunDevice : IDisposable
{
    /// <summary>Where the system makes them.</summary>
    public const string Source = "/dev/net/tun";

    /// <summary>The longest packet, bytes.</summary>
    public const int LargestPacket = 1500;

    private const int LongestName = 15;
    private const int RequestLength = 40; // struct ifreq
    private const nuint SetDevice = 0x400454ca; // TUNSETIFF
    private const short PacketsOfIp = 0x0001; // IFF_TUN
    private const short NothingBefore = 0x1000; // IFF_NO_PI
    private const short Readable = 0x0001; // POLLIN

    private readonly SafeFileHandle _file;

    /// <summary>Makes a device.</summary>
    /// <param name="name">Its name, up to 15 characters.</param>
    /// <exception cref="Win32Exception">The system does not let us.</exception>
    public TunDevice(string name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, LongestName);
        Name = name;
        _file = File.OpenHandle(Source, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var request = new byte[RequestLength];
        Encoding.ASCII.GetBytes(name, request);
        BitConverter.TryWriteBytes(request.AsSpan(LongestName + 1), (short)(PacketsOfIp | NothingBefore));
        if (Control(_file, SetDevice, request) >= 0) return;
        var error = Marshal.GetLastPInvokeError();
        _file.Dispose();
        throw new Win32Exception(error);
    }

    public string Name { get; }

    /// <summary>Waits for a packet.</summary>
    /// <param name="milliseconds">How long, at the most.</param>
    public bool Wait(int milliseconds)
    {
        var ask = new Poll { File = (int)_file.DangerousGetHandle(), Events = Readable };
        return Ask(ref ask, 1, milliseconds) > 0 && (ask.Happened & Readable) != 0;
    }

    /// <summary>Takes the packet that waits.</summary>
    /// <returns>Its length; none if the device is down.</returns>
    public int Read(byte[] packet) => (int)Math.Max(0, Take(_file, packet, (nuint)packet.Length));

    /// <summary>Gives a packet to the device's machine; it is lost if the device is down.</summary>
    public void Write(byte[] packet, int length) => _ = Give(_file, packet, (nuint)length);

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, [In] byte[] argument);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Ask(ref Poll ask, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Take(SafeFileHandle file, [Out] byte[] packet, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Give(SafeFileHandle file, [In] byte[] packet, nuint length);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int File;
        public short Events;
        public short Happened;
    }
}
