using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>A libvirtd that answers lookups, and keeps the start of a domain for later.</summary>
[Collection(LibvirtLibrary.Collection)]
public sealed class LibvirtUnansweredTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedLibvirtd _libvirtd = new();
    private readonly LibvirtHypervisor _hypervisor;
    private readonly VirtualMachineTO _vm = new() { Name = "i-2-10-VM", Uuid = Guid.NewGuid(), Cpus = 1, MaxRam = 64 << 20 };

    public LibvirtUnansweredTests() => _hypervisor = new LibvirtHypervisor(
        new LibvirtProperties { Uri = _libvirtd.Uri }, new MachineIdentity(), LibvirtLibrary.NoProcesses, _clock,
        NullLogger<LibvirtHypervisor>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LibvirtLibrary.Require();
        await _hypervisor.OpenAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        _libvirtd.HangUp();
        await _hypervisor.DisposeAsync();
        await _libvirtd.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StartThatNobodyWaitsFor_LeavesTheDomainUnknown_UntilItIsAnswered(bool givenUp)
    {
        using var giveUp = new CancellationTokenSource();
        Assert.Null(await _hypervisor.FindDomainAsync(_vm.Uuid, Token));
        var start = _hypervisor.StartAsync(_vm, giveUp.Token);
        await _libvirtd.Heard.WaitAsync(Patience.Times(TimeSpan.FromSeconds(5)), Token);
        if (givenUp) await giveUp.CancelAsync();
        else _clock.Advance(LibvirtDeadlines.Change);
        var failure = await Record.ExceptionAsync(() => start);
        Assert.True(failure is OperationCanceledException || failure is HypervisorException { OutcomeUnknown: true }, $"{failure}");

        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => _hypervisor.FindDomainAsync(_vm.Uuid, Token));
        Assert.Equal((true, $"whether VM {_vm.Uuid} is off was not asked: libvirt has not answered an earlier call, and may carry it out "
            + "at any time"), (refusal.WasNotAsked, refusal.Message));
        Assert.Null(await _hypervisor.FindDomainAsync(Guid.NewGuid(), Token));
        Assert.Empty(await _hypervisor.ListDomainsAsync(Token));

        // With the connection the call is gone.
        _libvirtd.HangUp();
        Domain? found = null;
        await Patience.UntilAsync(
            async () => await Record.ExceptionAsync(async () => found = await _hypervisor.FindDomainAsync(_vm.Uuid, Token)) is null,
            TimeSpan.FromSeconds(10), () => "it is unknown yet", Token);
        Assert.Null(found);
    }
}
