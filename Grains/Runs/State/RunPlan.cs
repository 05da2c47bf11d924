using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Grains.Runs.State;

/// <summary>
/// The experiment of a run, the changes of its members that were made while it ran, and the plan that
/// follows from both.
/// </summary>
internal sealed class RunPlan
{
    private readonly List<MemberChange> _changes = [];
    private RunContext? _context;
    private Plan? _plan;
    private MemberChange? _asked;

    /// <summary>The experiment as canonical JSON; empty if it is not known.</summary>
    public string Json { get; set; } = "";

    /// <summary>The plan.</summary>
    /// <exception cref="InvalidOperationException">The run is not under way.</exception>
    public Plan Plan => _plan ?? throw new InvalidOperationException("The run is not under way: it has no plan.");

    /// <summary>The experiment.</summary>
    public Experiment Experiment => Plan.Experiment;

    /// <summary>Changes of the members that were made while the run went on.</summary>
    public IReadOnlyList<MemberChange> Changes => _changes;

    /// <summary>The run on this silo; null if it was let go.</summary>
    public RunContext? Context => _context;

    /// <summary>What is learnt; known as soon as the experiment is.</summary>
    public LearningTask Task => _context!.Plan.Outputs.Task;

    /// <summary>Hash of the experiment.</summary>
    public string Hash => ExperimentWriter.Hash(_context!.Plan.Experiment);

    /// <summary>Takes an experiment.</summary>
    /// <param name="context">The run on this silo.</param>
    /// <param name="json">The experiment as canonical JSON.</param>
    /// <param name="changes">Changes of the members so far.</param>
    public void Load(RunContext context, string json, IEnumerable<MemberChange> changes)
    {
        (_context, Json) = (context, json);
        _changes.Clear();
        _changes.AddRange(changes);
    }

    /// <summary>Makes the plan; the run is under way from then on.</summary>
    public void Make() => _plan = _context!.PlanWith(_changes);

    /// <summary>Lets go of plan and context.</summary>
    public void Forget() => (_context, _plan) = (null, null);

    /// <summary>Asks for a change of the members at the beginning of the next round.</summary>
    /// <param name="done">Rounds done.</param>
    /// <param name="add">Ranks that join; if nobody joins or leaves, the first rank that is no member joins.</param>
    /// <param name="remove">Ranks that leave.</param>
    /// <returns>The change, or every reason against it; null if the run is not under way.</returns>
    public MemberAnswer? Ask(int done, int[] add, int[] remove)
    {
        if (_plan is not { } plan) return null;
        if (_asked is not null)
            return Refusal("Another change waits for the beginning of the next round; ask again after it.");
        var round = done + 2; // the round that is under way goes on as it is
        if (round > plan.Experiment.Rounds)
            return Refusal("The last round is under way; there is none left for the change to hold in.");
        if (add.Length + remove.Length == 0)
        {
            add = [.. Enumerable.Range(0, plan.Experiment.Nodes).Except(plan.Members(round - 1).Ranks).Take(1)];
            if (add.Length == 0)
                return Refusal($"All {plan.Experiment.Nodes} nodes are members. "
                    + "The data are split over 'nodes' shares when the run begins; "
                    + "to leave room for more, set nodes higher and seating.members to how many begin.");
        }
        var errors = plan.Refusals(new MembershipChange { Round = round, Add = [.. add], Remove = [.. remove] });
        if (errors.Count > 0) return Refusal([.. errors]);
        return new MemberAnswer(_asked = new MemberChange(round, add, remove), []);
    }

    /// <summary>Makes the change that was asked for, if it holds from the next round on.</summary>
    /// <param name="done">Rounds done.</param>
    /// <returns>The change; null if there is none.</returns>
    public MemberChange? Change(int done)
    {
        if (_asked is not { } asked || asked.Round != done + 1) return null;
        _asked = null;
        _changes.Add(asked);
        Make();
        return asked;
    }

    private static MemberAnswer Refusal(params string[] reasons) => new(null, reasons);
}
