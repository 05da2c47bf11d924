using Microsoft.Extensions.Options;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Silo.Hosting;
using Orleans.FL.Silo.Options;

var reading = SiloOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.CurrentDirectory);
if (reading.Help) return Help();
if (reading.Errors.Count > 0) return Refuse(reading.Errors);
try
{
    await using var silo = await SiloHost.Start(reading.Options, SiloProcess.OwnProcess);
    if (!await silo.WaitForShutdown()) Environment.Exit(1); // at once: letting go of it would take as long
    return 0;
}
catch (OptionsValidationException e)
{
    return Refuse(e.Failures);
}
catch (OperationCanceledException)
{
    return 0; // asked to stop before it was up
}

static int Help()
{
    try
    {
        Console.WriteLine(SiloOptionsReader.Help());
        return 0;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        return Refuse([$"The output cannot be written: {e.Message}"]); // full, or closed
    }
}

static int Refuse(IEnumerable<string> errors)
{
    foreach (var error in errors) Console.Error.WriteLine(Printable.Of(error));
    return 2;
}
