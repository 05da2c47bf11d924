using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class RunTimesRecordTests : IDisposable
{
    private static readonly PhaseRow[] Phases = [new(1, "train", 2.5), new(1, "exchange 1", 0.25)];
    private static readonly LaneRow[] Lanes = [new(1, "a", 2, 3, 4.5, 0.25, 0.125, 1), new(1, "b", 1, 3, 2, 0, 0, 0)];

    private readonly TemporaryFolder _root = new();
    private readonly RunFolder _folder;

    public RunTimesRecordTests() => _folder = RunFolder.Create(_root.Path, "x", TimeProvider.System, Classes.Task);

    private string PhasesFile => Path.Combine(_folder.Path, "phases.csv");

    private RunFolderReader Reader => RunFolderReader.Open(_folder.Path);

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void What_is_written_is_read_while_the_run_goes_on()
    {
        _folder.AppendTimes(Phases, Lanes);
        _folder.AppendTimes([new(2, "train", 0.000012)], []);

        Assert.Equal([.. Phases, new(2, "train", 0.000012)], Reader.Phases());
        Assert.Equal(Lanes, Reader.Lanes());
        Assert.Equal(["round,phase,seconds", "1,train,2.5", "1,exchange 1,0.25", "2,train,0.000012"],
            File.ReadAllLines(PhasesFile));
    }

    [Fact]
    public void A_run_of_an_earlier_version_has_none() => Assert.Empty(Reader.Phases());

    [Fact]
    public void A_last_line_that_was_cut_is_not_read_and_gone_with_the_next()
    {
        _folder.AppendTimes(Phases, []);
        File.AppendAllText(PhasesFile, "2,tra");

        Assert.Equal(Phases, Reader.Phases());
        _folder.AppendTimes([new(2, "train", 1)], []);
        Assert.Equal([.. Phases, new(2, "train", 1)], Reader.Phases());
    }

    [Fact]
    public void A_header_that_was_cut_is_written_again()
    {
        File.WriteAllText(PhasesFile, "round,ph");

        Assert.Empty(Reader.Phases());
        _folder.AppendTimes(Phases, []);
        Assert.Equal(Phases, Reader.Phases());
    }

    [Theory]
    [InlineData("phases.csv", "1,train,fast")]
    [InlineData("phases.csv", "1,train")]
    [InlineData("lanes.csv", "1,a,2,3,4,x,0,0")]
    [InlineData("lanes.csv", "1,a,2,3")]
    public void A_damaged_line_before_the_last_is_named(string file, string line)
    {
        _folder.AppendTimes(Phases, Lanes);
        File.AppendAllText(Path.Combine(_folder.Path, file), line + "\n");

        var e = Assert.Throws<ExperimentException>(() => (Reader.Phases(), Reader.Lanes()));

        Assert.Contains($"{file} is damaged in line 4: '{line}'", e.Message);
    }
}
