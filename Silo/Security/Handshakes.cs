using Microsoft.AspNetCore.Connections;

namespace Orleans.FL.Silo.Security;

/// <summary>
/// Connections that have not yet said who they are: each has a deadline, and of too many the oldest goes, so that those
/// who open connections and say nothing hold neither memory nor ports, and those who do speak get in.
/// </summary>
internal sealed class Handshakes
{
    /// <summary>Time in which a peer must have shown a certificate and sent its greeting.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Connections that may be without a greeting at a time.</summary>
    public const int Most = 256;

    private readonly Lock _lock = new();
    private readonly LinkedList<Handshake> _open = [];

    /// <summary>Lets a connection begin.</summary>
    /// <param name="context">The connection.</param>
    public Handshake Begin(ConnectionContext context)
    {
        var handshake = new Handshake(this, context);
        Handshake? oldest = null;
        lock (_lock)
        {
            if (_open.Count >= Most)
            {
                oldest = _open.First!.Value; // there are Most
                _open.RemoveFirst();
            }
            handshake.Place = _open.AddLast(handshake);
        }
        oldest?.GiveUp("too many connections open without a word");
        return handshake;
    }

    /// <summary>A connection that has not yet said who it is.</summary>
    public sealed class Handshake : IDisposable
    {
        private static readonly string TooLate = $"it said nothing sensible for {Deadline.TotalSeconds:0} s";

        private readonly Handshakes _all;
        private readonly ConnectionContext _context;
        private string? _givenUp;
        private readonly CancellationTokenSource _deadline = new(Deadline);

        public Handshake(Handshakes all, ConnectionContext context)
        {
            (_all, _context) = (all, context);
            _deadline.Token.UnsafeRegister(static h => ((Handshake)h!).GiveUp(TooLate), this);
        }

        /// <summary>Ends with the deadline.</summary>
        public CancellationToken Over => _deadline.Token;

        /// <summary>Why it was given up; null if it was not.</summary>
        public string? GivenUp => _givenUp ?? (_deadline.IsCancellationRequested ? TooLate : null);

        internal LinkedListNode<Handshake>? Place { get; set; }

        internal void GiveUp(string reason)
        {
            _givenUp ??= reason;
            _context.Abort(new ConnectionAbortedException(reason));
        }

        /// <summary>The peer has said who it is, or has gone.</summary>
        public void Dispose()
        {
            lock (_all._lock)
                if (Place?.List is { } list) list.Remove(Place);
            _deadline.Dispose();
        }
    }
}
