using Orleans.FL.ClientCli;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;

GuardedWriter.Install();
using var interrupt = new Interrupt();
return await Flctl.Run(args, Terminal.OfProcess(), new RealFederations(TimeProvider.System), interrupt.Token);
