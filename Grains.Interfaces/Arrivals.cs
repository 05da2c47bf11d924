namespace Orleans.FL.Grains.Interfaces;

/// <summary>What makes a round where nodes go by the clock.</summary>
/// <param name="Nodes">Ranks of those that arrived, in their order.</param>
/// <param name="Began">Rounds done when each began.</param>
/// <param name="Trainings">Trainings that each had done before.</param>
/// <param name="Begun">
/// Ranks of those that receive the server's model at the end of the round and begin with it; empty where there is no
/// server.
/// </param>
[GenerateSerializer, Immutable, Alias("fl.round-arrivals")]
public sealed record RoundArrivals([property: Id(0)] int[] Nodes, [property: Id(1)] int[] Began,
    [property: Id(2)] int[] Trainings, [property: Id(3)] int[] Begun);

/// <summary>Announces to a silo what makes a round.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Arrivals">What makes it.</param>
[GenerateSerializer, Immutable, Alias("fl.announced-round")]
public sealed record AnnouncedRound([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] int Round, [property: Id(3)] RoundArrivals Arrivals);

/// <summary>Trainings that a silo is to begin before it is known in which rounds they end.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch of the run.</param>
/// <param name="Nodes">Ranks of nodes of the silo.</param>
/// <param name="Began">Rounds done when each begins.</param>
/// <param name="From">The version of the state that each begins with.</param>
[GenerateSerializer, Immutable, Alias("fl.ahead-order")]
public sealed record AheadOrder([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] int[] Nodes, [property: Id(3)] int[] Began, [property: Id(4)] StateVersion[] From);

/// <summary>Trainings of a silo that ended.</summary>
/// <param name="Nodes">Ranks, in the order in which they ended.</param>
/// <param name="Began">Rounds done when each began.</param>
/// <param name="Next">How many ended in the epoch so far: what to ask from the next time.</param>
[GenerateSerializer, Immutable, Alias("fl.arrivals")]
public sealed record Arrivals([property: Id(0)] int[] Nodes, [property: Id(1)] int[] Began, [property: Id(2)] int Next);
