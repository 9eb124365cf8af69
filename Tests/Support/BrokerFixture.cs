using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using Testcontainers.RabbitMq;
using Xunit;

[assembly: AssemblyFixture(typeof(BrokerFixture))]

namespace PciBus.Tests.Support;

/// <summary>
/// The broker of the tests, begun by the first that needs it: the one of PCIBUS_TEST_BROKER; else a container when a Docker
/// engine answers; else Debian's server as a process.
/// </summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private RabbitMqContainer? _container;
    private string? _address;
    private string? _missing;

    /// <summary>The broker when it is a process of ours, which can be killed.</summary>
    internal BrokerNode? Node { get; private set; }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Address of a broker on which there is nothing of PciBus; skips the test when there is no broker.</summary>
    public async Task<string> CleanAsync(CancellationToken cancellationToken)
    {
        OutOfProcessAttribute.Require("a broker");
        await BeginAsync(cancellationToken);
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        await using var connection = await new ConnectionFactory { Uri = new Uri(_address!) }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        string[] names =
        [
            EndpointNames.ManagementStartup, EndpointNames.ManagementPings, EndpointNames.ManagementAnswers,
            EndpointNames.ManagementDeadLetters, EndpointNames.DeadLetters, EndpointNames.Refused,
        ];
        foreach (var name in names)
        {
            await channel.QueueDeleteAsync(name, cancellationToken: cancellationToken);
            await channel.ExchangeDeleteAsync(name, cancellationToken: cancellationToken);
        }

        return _address!;
    }

    public async ValueTask DisposeAsync()
    {
        if (Node is not null) await Node.DisposeAsync();
        if (_container is not null) await _container.DisposeAsync();
        _gate.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if ((_address ?? _missing) is not null) return;
            var what = await ChooseAsync(cancellationToken);
            Console.WriteLine($"broker: {what}");
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<string> ChooseAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("PCIBUS_TEST_BROKER") is { Length: > 0 } given)
        {
            _address = given;
            return $"{BusAddressOf(given)}, from PCIBUS_TEST_BROKER";
        }

        if (BrokerProgram.Tree is null && await BrokerContainer.TryStartAsync(cancellationToken) is { } started)
        {
            _container = started.Container;
            _address = _container.GetConnectionString();
            return started.What;
        }

        _missing = await BrokerNode.InstallAsync();
        if (_missing is not null) return $"none: no Docker, and {_missing}";
        Node = new BrokerNode();
        await Node.StartAsync(cancellationToken);
        _address = Node.Address;
        return $"Debian's rabbitmq-server{(BrokerProgram.Tree is { } tree ? $" in {tree}" : "")} as a process, {BusAddressOf(_address)}";
    }

    private static BusAddress? BusAddressOf(string text) => BusAddress.TryParse(text, out var address) ? address : null;
}
