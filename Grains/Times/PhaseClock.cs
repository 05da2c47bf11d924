namespace Orleans.FL.Grains.Times;

/// <summary>
/// Says where the time of a run goes: at each moment the run is in one phase, and each phase has its sum.
/// </summary>
/// <remarks>
/// A phase may be entered from within another one, whose time stands still meanwhile. A run in none of them is in
/// <see cref="Other"/>, so the sums add up to what the clock says. For one flow of work; not safe for several
/// threads.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class PhaseClock(TimeProvider time)
{
    /// <summary>What is between the phases.</summary>
    public const string Other = "other";

    private readonly Stack<string> _entered = new();
    private readonly List<string> _order = [];
    private readonly Dictionary<string, TimeSpan> _spent = [];
    private long _since = time.GetTimestamp();

    /// <summary>
    /// Phases in the order in which they were first entered, with all that was spent in them until now.
    /// </summary>
    public IEnumerable<(string Phase, TimeSpan Spent)> Spent
    {
        get
        {
            Count();
            return _order.Select(phase => (phase, _spent[phase]));
        }
    }

    /// <summary>All that was spent in a phase until now.</summary>
    /// <param name="phase">The phase.</param>
    public TimeSpan SpentIn(string phase)
    {
        Count();
        return _spent.GetValueOrDefault(phase);
    }

    /// <summary>Leaves all phases; the time since the last one does not count.</summary>
    public void Restart()
    {
        _entered.Clear();
        _since = time.GetTimestamp();
    }

    /// <summary>Enters a phase until what is returned is disposed.</summary>
    /// <param name="phase">The phase.</param>
    public Stay In(string phase)
    {
        Count();
        _entered.Push(phase);
        return new Stay(this, _entered.Count);
    }

    private void Leave(int depth)
    {
        Count();
        while (_entered.Count >= depth) _entered.Pop();
    }

    private void Count()
    {
        var now = time.GetTimestamp();
        var phase = _entered.TryPeek(out var entered) ? entered : Other;
        if (_spent.TryAdd(phase, TimeSpan.Zero)) _order.Add(phase);
        _spent[phase] += time.GetElapsedTime(_since, now);
        _since = now;
    }

    /// <summary>A stay in a phase.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="depth">How many phases are entered, this one included.</param>
    public readonly struct Stay(PhaseClock clock, int depth) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => clock.Leave(depth);
    }
}
