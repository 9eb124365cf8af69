using System.Security.Authentication;
using MassTransit;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Management.Bus;
using PciBus.Management.Persistence;
using PciBus.Management.Setup.Embedded;

namespace PciBus.Management.Setup;

/// <summary>Registers the bus: what management consumes, and how often it tries again.</summary>
internal static class BusSetup
{
    /// <summary>After so many failed deliveries, each with its own retries, a message is given up.</summary>
    private const int DeliveryLimit = 5;

    /// <summary>Messages of a queue that are worked on at once: more would only wait for each other and for what they send.</summary>
    private static readonly int AtOnce = 8 * Math.Max(2, Environment.ProcessorCount);

    /// <summary>Beyond this the oldest dead letter goes: what must not be lost lies in the database.</summary>
    private const int MostDeadLetters = 10_000;

    /// <summary>The bus within one process; embedded hosts attach their queues to it.</summary>
    public static IServiceCollection AddInMemoryBus(this IServiceCollection services, EmbeddedHosts hosts)
    {
        services.AddSingleton<IMessageSender, BusMessageSender>();
        services.AddMassTransit(bus =>
        {
            AddConsumers(bus);
            bus.UsingInMemory((context, transport) =>
            {
                transport.UseMessageRetry(retry => retry.Exponential(
                    8, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200)));
                foreach (var (queue, configure) in Consumers(context)) transport.ReceiveEndpoint(queue, configure);
                hosts.Attach(transport);
            });
        });
        return services;
    }

    /// <summary>The bus over RabbitMQ, for agents and management servers anywhere; its topology is in docs/bus.md.</summary>
    /// <param name="address">The broker.</param>
    /// <param name="retry">
    /// How often a message that failed is tried again within one delivery, and the longest pause between two tries.
    /// </param>
    public static IServiceCollection AddRabbitMqBus(this IServiceCollection services, BusAddress address, (int Times, TimeSpan Pause) retry)
    {
        services.AddSingleton(address).AddSingleton<BrokerMessageSender>();
        services.AddSingleton<IMessageSender>(provider => provider.GetRequiredService<BrokerMessageSender>());
        services.AddMassTransit(bus =>
        {
            AddConsumers(bus);
            bus.AddReceiveEndpointObserver<BrokerObserver>();
            bus.UsingRabbitMq((context, transport) =>
            {
                transport.Host(address.Host, (ushort)address.Port, address.VirtualHost, "pcibus management", host =>
                {
                    host.Username(address.User);
                    host.Password(address.Password);
                    if (address.IsTls) host.UseSsl(ssl => Secure(ssl, address));
                    host.Heartbeat(TimeSpan.FromSeconds(10));
                });
                // Kept short: a failure that does not pass by itself is delivered again, and then given up.
                transport.UseMessageRetry(tries => tries.Exponential(
                    retry.Times, TimeSpan.FromMilliseconds(50), retry.Pause, TimeSpan.FromMilliseconds(200)));
                foreach (var (queue, configure) in Consumers(context))
                {
                    transport.ReceiveEndpoint(queue, endpoint =>
                    {
                        Harden(endpoint);
                        endpoint.ThrowOnSkippedMessages();
                        endpoint.SetQueueArgument("x-delivery-limit", DeliveryLimit);
                        endpoint.BindDeadLetterQueue(EndpointNames.DeadLetters, EndpointNames.DeadLetters, letters =>
                        {
                            letters.SetQuorumQueue();
                            letters.SetQueueArgument("x-max-length", MostDeadLetters);
                        });
                        endpoint.UseConsumeFilter(typeof(SenderFilter<>), context);
                        configure(endpoint);
                    });
                }

                transport.ReceiveEndpoint(EndpointNames.ManagementDeadLetters, endpoint =>
                {
                    Harden(endpoint);
                    endpoint.SetQueueArgument("x-max-length", MostDeadLetters);
                    endpoint.SetQueueArgument("x-delivery-limit", DeliveryLimit);
                    endpoint.Bind(EndpointNames.DeadLetters);
                    endpoint.Bind(EndpointNames.Refused);
                    endpoint.ConfigureReceive(
                        pipe => pipe.UseFilter(new DeadLetterFilter(context.GetRequiredService<DatabaseTransactions>)));
                    endpoint.DiscardSkippedMessages();
                });
            });
        });
        return services;
    }

    private static void Secure(IRabbitMqSslConfigurator ssl, BusAddress address)
    {
        ssl.ServerName = address.Host;
        ssl.Protocol = SslProtocols.None;
        ssl.Certificate = address.Tls.Certificate;
        ssl.CertificateValidationCallback = address.Tls.Accepts;
    }

    private static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.ConfigureUsageTelemetryOptions(telemetry => telemetry.Enabled = false);
        bus.AddReceiveObserver<ReceiveFaultLog>();
        bus.AddConsumer<StartupRoutingConsumer>();
        bus.AddConsumer<ShutdownConsumer>();
        bus.AddConsumer<PingRoutingConsumer>();
        bus.AddConsumer<VirtualMachineAnswerConsumer>();
        bus.AddConsumer<ResetPciDeviceAnswerConsumer>();
    }

    private static Dictionary<string, Action<IReceiveEndpointConfigurator>> Consumers(IBusRegistrationContext context) =>
        new Dictionary<string, Action<IReceiveEndpointConfigurator>>
        {
            [EndpointNames.ManagementStartup] = endpoint =>
            {
                endpoint.ConfigureConsumer<StartupRoutingConsumer>(context);
                endpoint.ConfigureConsumer<ShutdownConsumer>(context);
            },
            [EndpointNames.ManagementPings] = endpoint => endpoint.ConfigureConsumer<PingRoutingConsumer>(context),
            [EndpointNames.ManagementAnswers] = endpoint =>
            {
                endpoint.ConfigureConsumer<VirtualMachineAnswerConsumer>(context);
                endpoint.ConfigureConsumer<ResetPciDeviceAnswerConsumer>(context);
            },
        };

    /// <summary>A replicated queue, bound only to the exchange of its name; failed messages go back to the broker, which counts.</summary>
    private static void Harden(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = 64;
        endpoint.ConcurrentMessageLimit = AtOnce;
        endpoint.SetQuorumQueue();
        endpoint.RethrowFaultedMessages();
    }
}
