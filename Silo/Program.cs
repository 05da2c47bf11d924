using Microsoft.Extensions.Options;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Silo.Hosting;
using Orleans.FL.Silo.Options;

var reading = SiloOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.CurrentDirectory);
if (reading.Help)
{
    Console.WriteLine(SiloOptionsReader.Help());
    return 0;
}
if (reading.Errors.Count > 0) return Refuse(reading.Errors);
try
{
    await using var silo = await SiloHost.Start(reading.Options, SiloProcess.OwnProcess);
    await silo.WaitForShutdown();
    return 0;
}
catch (OptionsValidationException e)
{
    return Refuse(e.Failures);
}

static int Refuse(IEnumerable<string> errors)
{
    foreach (var error in errors) Console.Error.WriteLine(Printable.Of(error));
    return 2;
}
