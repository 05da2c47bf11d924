using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Paces.Clocks;
using Xunit;

namespace Orleans.FL.Learning.Tests.Paces;

/// <summary>Files that people bring: what is wrong is named with its line and with what would do.</summary>
public sealed class TraceFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleans-fl-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void A_file_of_speeds_becomes_part_of_the_experiment()
    {
        Write("node, secondsPerSample, bytesPerSecond # two columns\n\n1,0.5,2e6\n0,0.25,1e6\n");

        var options = (SimulatedTimePace.Options)new SimulatedTimePace.Options
        {
            Compute = new("trace", new Trace.Options { File = "t.csv", Column = "secondsPerSample" }),
            Bandwidth = new("trace", new Trace.Options { File = "t.csv", Column = "bytesPerSecond" }),
        }.Read(_folder);

        Assert.Equal([0.25, 0.5], ((Trace.Options)options.Compute.Options!).Values);
        Assert.Equal([1e6, 2e6], ((Trace.Options)options.Bandwidth.Options!).Values);
    }

    [Fact]
    public void A_file_of_times_becomes_part_of_the_experiment()
    {
        Write("end,node,start\n10,1,5\n");

        Assert.Equal([[1, 5, 10]],
            ((AvailabilityTrace.Options)new AvailabilityTrace.Options { File = "t.csv" }.Read(_folder)).Times);
    }

    [Theory]
    [InlineData("node,speed\n0,1\n", "Line 1 of", "names no 'value'")]
    [InlineData("node,value\n0,1\n1\n", "Line 3 of", "1 fields where the first line names 2 columns")]
    [InlineData("node,value\n-1,1\n", "Line 2 of", "'-1' is no node; write its rank, from 0")]
    [InlineData("node,value\n0,fast\n", "Line 2 of", "'fast' is no number")]
    [InlineData("node,value\n0,1e999\n", "Line 2 of", "is no number")]
    [InlineData("node,value\n0,NaN\n", "Line 2 of", "is no number")]
    [InlineData("node,value\n0,-1\n", "Line 2 of", "it must be 0 to 1E+12")]
    [InlineData("node,value\n# a comment\n0,1\n\n0,2\n", "Line 5 of", "node 0 is there a second time")]
    [InlineData("node,value\n0,1\n2,1\n", "names 2 nodes", "add a line for node 1")]
    [InlineData("node,value\n2000000000,1\n", "names 1 nodes", "add a line for node 0")]
    [InlineData("\n", "has no rows", "write a line 'node,value'")]
    [InlineData("node,value\n", "has no rows", "one for each entry")]
    public void Speeds_that_are_wrong_are_refused(string text, string where, string what)
    {
        Write(text);
        var message = Assert.Single(Assert.Throws<ExperimentException>(() => new Trace.Options { File = "t.csv" }
            .Read(_folder)).Errors).Message;
        Assert.Contains(where, message);
        Assert.Contains(what, message);
    }

    [Theory]
    [InlineData("node,start,end\n0,5,4\n", "Line 2 of")]
    [InlineData("node,start,end\n0,0,4\n0,-5,4\n", "Line 3 of")]
    public void Times_that_are_wrong_are_refused(string text, string where)
    {
        Write(text);
        var message = Assert.Single(Assert.Throws<ExperimentException>(() =>
            new AvailabilityTrace.Options { File = "t.csv" }.Read(_folder)).Errors).Message;
        Assert.Contains(where, message);
        Assert.Contains("write a start of 0 or more, and an end after it", message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("There is no file",
            Assert.Throws<ExperimentException>(() => new Trace.Options { File = "none.csv" }.Read(_folder)).Message);

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder, "t.csv"), text);
}
