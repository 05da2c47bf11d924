using Microsoft.Extensions.Options;
using Orleans.FL.Silo;

var reading = SiloOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.CurrentDirectory);
if (reading.Help)
{
    Console.WriteLine(SiloOptionsReader.Help());
    return 0;
}
if (reading.Faults.Count > 0) return Refuse(reading.Faults);
try
{
    await using var silo = await SiloHost.Start(reading.Options, SiloPlace.OwnProcess);
    await silo.WaitForShutdown();
    return 0;
}
catch (OptionsValidationException e)
{
    return Refuse(e.Failures);
}

static int Refuse(IEnumerable<string> faults)
{
    foreach (var fault in faults) Console.Error.WriteLine(fault);
    return 2;
}
