using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Commands;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

public sealed class CommandJournalTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("pcibus-journal-").FullName, "journal.jsonl");
    private readonly FakeTimeProvider _time = new();
    private readonly StartCommand _command = new() { CommandId = Guid.NewGuid(), VmUuid = Guid.NewGuid(), VmName = "i-2-3-VM", Number = 4 };

    [Fact]
    public void Open_FindsWhatWasDone()
    {
        using (var journal = Open())
        {
            journal.Begin(_command);
            journal.Finish(_command.VmUuid, CommandOutcome.Failed("no"));
        }

        using var again = Open();
        Assert.Equal("no", again.Find(_command.VmUuid)!.Outcome!.Details);
        Assert.Empty(again.Interrupted);
    }

    [Fact]
    public void Open_CallsWhatWasBegunInterrupted_UntilItIsSettled()
    {
        using (var journal = Open()) journal.Begin(_command);

        using (var again = Open())
        {
            Assert.Equal(_command.CommandId, Assert.Single(again.Interrupted).CommandId);
            again.Settle(_command.VmUuid);
            Assert.Empty(again.Interrupted);
        }

        using var third = Open();
        Assert.Empty(third.Interrupted);
        Assert.Null(third.Find(_command.VmUuid)!.Outcome);
    }

    [Fact]
    public void Begin_KeepsAnOlderInterruptionInMind()
    {
        using (var journal = Open()) journal.Begin(_command);

        using (var again = Open())
        {
            again.Begin(_command with { CommandId = Guid.NewGuid(), Number = 5 });
            again.Finish(_command.VmUuid, CommandOutcome.Done());
        }

        using var third = Open();
        Assert.Single(third.Interrupted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void Open_PassesOverALineThatWasCutOff(int cut)
    {
        using (var journal = Open())
        {
            journal.Begin(_command);
            journal.Finish(_command.VmUuid, CommandOutcome.Done());
        }

        using (var file = File.OpenWrite(_path)) file.SetLength(file.Length - 1 - cut);

        using (var again = Open())
        {
            Assert.Single(again.Interrupted);
            Assert.Empty(again.Skipped);
            again.Begin(_command with { Number = 9 });
        }

        using var third = Open();
        Assert.Equal(9, third.Find(_command.VmUuid)!.Number);
    }

    [Fact]
    public void Open_TellsWhichLinesWereDamaged()
    {
        using (var journal = Open())
        {
            for (var number = 1; number <= 3; number++) journal.Begin(_command with { Number = number });
        }

        var lines = File.ReadAllLines(_path);
        File.WriteAllLines(_path, [lines[0], lines[1][5..], lines[2]]);

        using var again = Open();
        Assert.Equal([2], again.Skipped);
        Assert.Equal(3, again.Find(_command.VmUuid)!.Number);
    }

    [Fact]
    public void Write_KeepsTheFileSmall()
    {
        using var journal = Open();
        for (var i = 0; i < 10_000; i++)
        {
            journal.Begin(_command with { Number = i });
            journal.Finish(_command.VmUuid, CommandOutcome.Done());
        }

        Assert.True(new FileInfo(_path).Length < 2 << 20);
        Assert.Equal(9999, journal.Find(_command.VmUuid)!.Number);
    }

    [Fact]
    public void Open_ForgetsWhatWasDoneLongAgo()
    {
        using (var journal = Open())
        {
            journal.Begin(_command);
            journal.Finish(_command.VmUuid, CommandOutcome.Done());
        }

        _time.Advance(TimeSpan.FromDays(8));
        using var again = Open();
        Assert.Null(again.Find(_command.VmUuid));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    private CommandJournal Open()
    {
        var journal = new CommandJournal(_path, sync: false, _time);
        journal.Open();
        return journal;
    }
}
