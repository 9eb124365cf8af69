using PciBus.Agent.Commands;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

public sealed class EarlyCommandsTests
{
    private readonly EarlyCommands _early = new();

    [Fact]
    public void What_is_held_comes_in_its_order_and_once()
    {
        var (first, second) = (Reboot(), Reboot());
        foreach (var command in new[] { first, second, first with { Session = 2 }, second }) _early.Hold(command);

        Assert.Equal([first, second, first with { Session = 2 }], _early.TakeAll());
        Assert.Empty(_early.TakeAll());
    }

    [Fact]
    public void Of_more_than_are_held_the_oldest_go()
    {
        var commands = Enumerable.Range(0, EarlyCommands.Most + 3).Select(_ => Reboot()).ToList();
        foreach (var command in commands) _early.Hold(command);

        Assert.Equal(commands.Skip(3), _early.TakeAll());
    }

    private static RebootCommand Reboot() => new() { CommandId = Guid.NewGuid(), Session = 1 };
}
