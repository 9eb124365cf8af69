using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Reconciliation;
using Xunit;

namespace PciBus.Tests.Hosts;

/// <summary>The moments that follow from a ping interval of 60 s, a ping timeout of 2.5 intervals, and pings that are written down every 10 s.</summary>
public sealed class SilenceLimitsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly SilenceLimits _limits = new(
        new HostOptions { PingInterval = TimeSpan.FromSeconds(60), PingTimeout = 2.5m },
        new ReconciliationOptions { Intervals = new Dictionary<string, TimeSpan> { [HostLivenessJob.About.Name] = TimeSpan.FromSeconds(10) } });

    [Fact]
    public void HostIsBehind_ThenSilent() => Assert.Equal(
        (Now.AddSeconds(-160), Now.AddSeconds(-280)), (_limits.Behind(Now), _limits.Silent(Now)));

    [Theory]
    [InlineData(0, null, 280)] // its queue is gone: it has the time of a host that is silent
    [InlineData(-100, null, 180)]
    [InlineData(-1000, null, 60)] // a ping interval of grace
    [InlineData(-1000, 200, 200)] // its last fencing command runs yet
    [InlineData(-1000, -500, 60)]
    public void HostInAlert_IsFencedNoEarlier(int heard, int? fenceAt, int expected) => Assert.Equal(
        Now.AddSeconds(expected), _limits.FenceAt(Heard(Now.AddSeconds(heard), fenceAt), Now));

    [Fact]
    public void HostThatNeverPinged_IsSilentSinceItIsThere() => Assert.Equal(
        Now.AddSeconds(80), _limits.FenceAt(Heard(null, null), Now));

    [Theory]
    [InlineData(0)]
    [InlineData(-100)]
    [InlineData(-1000)]
    public void HostIsSilent_WhenItIsToBeFenced(int heard)
    {
        var host = Heard(Now.AddSeconds(heard), null);

        Assert.True(host.LastPing <= _limits.Silent(_limits.FenceAt(host, Now)));
    }

    private static Host Heard(DateTimeOffset? at, int? fenceAt) => new()
    {
        Guid = "kvm1",
        Name = "kvm1",
        Version = "",
        HypervisorType = "KVM",
        CpuArch = "",
        HostTags = "",
        BootId = "",
        Created = Now.AddSeconds(-200),
        LastPing = at,
        FenceAt = fenceAt is { } seconds ? Now.AddSeconds(seconds) : null,
    };
}
