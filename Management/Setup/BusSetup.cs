using MassTransit;
using PciBus.Contracts;
using PciBus.Management.Agents;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>Registers the bus: what management consumes, and how often it tries again.</summary>
internal static class BusSetup
{
    /// <summary>The bus within one process; embedded hosts attach their queues to it.</summary>
    public static IServiceCollection AddInMemoryBus(this IServiceCollection services, EmbeddedHosts hosts)
    {
        services.AddSingleton<IMessageSender, BusMessageSender>();
        services.AddMassTransit(bus =>
        {
            bus.ConfigureUsageTelemetryOptions(telemetry => telemetry.Enabled = false);
            bus.AddConsumer<StartupRoutingConsumer>();
            bus.AddConsumer<ShutdownConsumer>();
            bus.AddConsumer<PingRoutingConsumer>();
            bus.AddConsumer<VirtualMachineAnswerConsumer>();
            bus.AddConsumer<ResetPciDeviceAnswerConsumer>();
            bus.UsingInMemory((context, transport) =>
            {
                transport.UseMessageRetry(retry => retry.Exponential(
                    8, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200)));
                transport.ReceiveEndpoint(EndpointNames.ManagementStartup, endpoint =>
                {
                    endpoint.ConfigureConsumer<StartupRoutingConsumer>(context);
                    endpoint.ConfigureConsumer<ShutdownConsumer>(context);
                });
                transport.ReceiveEndpoint(EndpointNames.ManagementPings, endpoint => endpoint.ConfigureConsumer<PingRoutingConsumer>(context));
                transport.ReceiveEndpoint(EndpointNames.ManagementAnswers, endpoint =>
                {
                    endpoint.ConfigureConsumer<VirtualMachineAnswerConsumer>(context);
                    endpoint.ConfigureConsumer<ResetPciDeviceAnswerConsumer>(context);
                });
                hosts.Attach(transport);
            });
        });
        return services;
    }
}
