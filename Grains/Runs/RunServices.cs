using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Grains.Times;

namespace Orleans.FL.Grains.Runs;

/// <summary>What a silo offers those who coordinate runs on it.</summary>
/// <param name="Contexts">Experiments and plans of the runs.</param>
/// <param name="States">States of the nodes that sit here.</param>
/// <param name="Running">The runs whose coordinators are here.</param>
/// <param name="Reader">Reads weights of nodes, wherever they sit.</param>
/// <param name="Store">Keeps journals and checkpoints.</param>
/// <param name="Checkpoints">Whole rounds in that store.</param>
/// <param name="Silos">The silos of the cluster.</param>
/// <param name="Meter">Counts rounds and phases.</param>
/// <param name="Options">Says where run folders are.</param>
/// <param name="Grains">Makes references to grains.</param>
/// <param name="Time">The clock.</param>
internal sealed record RunServices(RunContexts Contexts, NodeStates States, RunningExperiments Running,
    UpdateReader Reader, ICheckpointStore Store, RunCheckpoints Checkpoints,
    ISiloView Silos, SiloMeter Meter, IOptions<FederationOptions> Options, IGrainFactory Grains, TimeProvider Time);
