using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Hypervisor;

/// <summary>Chance is the seed's: a run that is played again meets the same guests.</summary>
public sealed class FaultPlanTests
{
    private static readonly PciAddress Device = PciAddress.Parse("28:00.1");
    private static readonly PciAddress OtherDevice = PciAddress.Parse("28:00.2");
    private readonly Guid[] _domains = [.. Enumerable.Range(1, 1000).Select(number => new Guid(number, 0, 0, new byte[8]))];

    [Fact]
    public void SameSeed_ChoosesTheSame_AndAboutAsManyAsAsked()
    {
        var plan = new FaultPlan { Seed = 7, UnwillingPercent = 30 };
        var chosen = BehavioursBy(plan);

        Assert.Equal(chosen, BehavioursBy(plan with { }));
        Assert.NotEqual(chosen, BehavioursBy(plan with { Seed = 8 }));
        Assert.InRange(chosen.Count(behaviour => behaviour != GuestBehaviour.Willing), 250, 350);
        Assert.DoesNotContain(GuestBehaviour.Refusing, chosen);
        foreach (var behaviour in new[] { GuestBehaviour.Deaf, GuestBehaviour.Slow, GuestBehaviour.Silent, GuestBehaviour.Busy, GuestBehaviour.NoHotplug })
        {
            Assert.Contains(behaviour, chosen);
        }
    }

    [Fact]
    public void WhatIsSaidOfADevice_CountsBeforeWhatIsSaidOfItsDomain_AndBeforeChance()
    {
        var plan = new FaultPlan
        {
            UnwillingPercent = 100,
            Guests = [new(GuestBehaviour.Slow, Device: Device), new(GuestBehaviour.Deaf, _domains[0]), new(GuestBehaviour.Willing, _domains[1])],
        };

        Assert.Equal(GuestBehaviour.Slow, plan.BehaviourOf(_domains[0], Device));
        Assert.Equal(GuestBehaviour.Deaf, plan.BehaviourOf(_domains[0], OtherDevice));
        Assert.Equal(GuestBehaviour.Willing, plan.BehaviourOf(_domains[1], OtherDevice));
        Assert.NotEqual(GuestBehaviour.Willing, plan.BehaviourOf(_domains[2], OtherDevice));
    }

    private List<GuestBehaviour> BehavioursBy(FaultPlan plan) => [.. _domains.Select(domain => plan.BehaviourOf(domain, Device))];
}
