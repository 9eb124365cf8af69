using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.VirtualMachines;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A virtual machine and its hosts agree again, and the alert that they did not stands.</summary>
internal sealed class UnsettledAlertsStand : PlantedBug
{
    public override void Configure(IServiceCollection services) =>
        ReplaceListeners(services, (_, listener) => listener is UnsettledAlertManager ? [] : [listener]);
}
