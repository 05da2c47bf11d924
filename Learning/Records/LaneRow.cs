namespace Orleans.FL.Learning.Records;

/// <summary>A line of <c>lanes.csv</c>: what the lanes of a silo did since the line before.</summary>
/// <param name="Round">Rounds done.</param>
/// <param name="Silo">Name of the silo.</param>
/// <param name="Lanes">Its lanes.</param>
/// <param name="Seconds">Seconds by the clock; each lane had so many.</param>
/// <param name="Train">Seconds of training for the run, added up over lanes, as the others.</param>
/// <param name="Combine">Seconds of combining for the run.</param>
/// <param name="Evaluate">Seconds of testing and validating for the run.</param>
/// <param name="Other">Seconds of work for other runs, and of all else.</param>
public sealed record LaneRow(
    int Round, string Silo, int Lanes, double Seconds, double Train, double Combine, double Evaluate, double Other)
{
    internal const string File = "lanes.csv";
    internal const string Header = "round,silo,lanes,seconds,train,combine,evaluate,other";

    internal string Line => string.Join(',', $"{Round}", Silo, $"{Lanes}", Number(Seconds), Number(Train),
        Number(Combine), Number(Evaluate), Number(Other));

    internal static LaneRow? Parse(string[] fields)
    {
        if (fields is not [var round, var silo, var lanes, .. { Length: 5 } times]) return null;
        var seconds = new double[times.Length];
        for (var i = 0; i < times.Length; i++)
            if (!double.TryParse(times[i], out seconds[i])) return null;
        return int.TryParse(round, out var r) && int.TryParse(lanes, out var l)
            ? new LaneRow(r, silo, l, seconds[0], seconds[1], seconds[2], seconds[3], seconds[4])
            : null;
    }

    private static string Number(double seconds) => $"{seconds:0.######}"; // microseconds
}
