using PciBus.Agent.Commands;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

public sealed class CommandFenceTests
{
    private readonly CommandFence _fence = new();
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public void Bar_RefusesTheCommandItself_AndTakesTheNext()
    {
        Assert.Null(_fence.Admit(Command(1, 5), 1));
        _fence.Bar(Command(1, 5));

        Assert.StartsWith("superseded:", _fence.Admit(Command(1, 5), 1), StringComparison.Ordinal);
        Assert.Null(_fence.Admit(Command(1, 6), 1));
    }

    [Fact]
    public void Admit_RefusesALowerNumber_AndTakesTheSameAgain()
    {
        Assert.Null(_fence.Admit(Command(1, 5), 1));
        Assert.Null(_fence.Admit(Command(1, 5), 1));
        Assert.StartsWith("superseded:", _fence.Admit(Command(1, 4), 1), StringComparison.Ordinal);
        Assert.Null(_fence.Admit(Command(1, 6), 1));
        Assert.StartsWith("superseded:", _fence.Refusal(Command(1, 5), 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Admit_CountsEachVmForItself()
    {
        Assert.Null(_fence.Admit(Command(1, 5), 1));
        Assert.Null(_fence.Admit(Command(1, 1) with { VmUuid = Guid.NewGuid() }, 1));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(3, 2)]
    public void Admit_RefusesAnotherSession(long session, long current) =>
        Assert.StartsWith("not begun:", _fence.Admit(Command(session, 1), current), StringComparison.Ordinal);

    [Fact]
    public void Clear_ForgetsTheNumbersOfThePast()
    {
        Assert.Null(_fence.Admit(Command(1, 5), 1));
        _fence.Clear();
        Assert.Null(_fence.Admit(Command(2, 3), 2));
    }

    private StartCommand Command(long session, long number) => new() { VmUuid = _vm, Session = session, Number = number };
}
