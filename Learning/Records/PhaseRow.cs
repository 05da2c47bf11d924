namespace Orleans.FL.Learning.Records;

/// <summary>A line of <c>phases.csv</c>: how long a run was in a phase.</summary>
/// <param name="Round">Round, from 1, that the time was spent on.</param>
/// <param name="Phase">The phase.</param>
/// <param name="Seconds">Seconds by the clock; a round's phases do not overlap.</param>
public sealed record PhaseRow(int Round, string Phase, double Seconds)
{
    internal const string File = "phases.csv";
    internal const string Header = "round,phase,seconds";

    internal string Line => $"{Round},{Phase},{Seconds:0.######}"; // microseconds

    internal static PhaseRow? Parse(string[] fields) =>
        fields is [var round, var phase, var seconds] && int.TryParse(round, out var r)
            && double.TryParse(seconds, out var s)
            ? new PhaseRow(r, phase, s)
            : null;
}
