using Microsoft.Extensions.Time.Testing;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Contracts.Startup;
using PciBus.Management.Bus;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class BrokerMessageSenderTests(BrokerFixture broker) : IAsyncLifetime
{
    private const string Good = "agent.good";
    private const string Bad = "agent.bad";
    private const int Messages = 100;
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private BrokerOutage _agents = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private BrokerMessageSender _sender = null!;

    /// <summary>The agent "good" listens, as agents do; the broker has been there for long.</summary>
    public async ValueTask InitializeAsync()
    {
        Assert.True(BusAddress.TryParse(await broker.CleanAsync(_token), out var address));
        _connection = await BrokerFactory.For(address, TimeSpan.FromSeconds(10), "test").CreateConnectionAsync(_token);
        _channel = await _connection.CreateChannelAsync(cancellationToken: _token);
        await _channel.ExchangeDeclareAsync(Good, ExchangeType.Fanout, durable: true, cancellationToken: _token);
        await _channel.QueueDeclareAsync(Good, durable: false, exclusive: true, autoDelete: true, cancellationToken: _token);
        await _channel.QueueBindAsync(Good, Good, "", cancellationToken: _token);
        var clock = new FakeTimeProvider();
        _agents = new BrokerOutage(new HostOptions(), clock);
        clock.Advance(TimeSpan.FromMinutes(1));
        _sender = new BrokerMessageSender(address, _agents, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        if (_sender is null) return;
        await _sender.DisposeAsync();
        await _channel.ExchangeDeleteAsync(Good);
        await _channel.ExchangeDeleteAsync(Bad);
        await _connection.DisposeAsync();
    }

    /// <summary>An agent may do with its own exchange what it likes: one channel carries what is for all of them.</summary>
    [OnlyInAll("seconds of a broker")]
    [Fact]
    public async Task WhatOneAgentDoesToItsExchange_CostsTheOthersNothing()
    {
        await _channel.ExchangeDeclareAsync(Bad, ExchangeType.Direct, durable: true, cancellationToken: _token);
        var commands = Enumerable.Range(0, Messages).Select(_ => new CheckHealthCommand { CommandId = Guid.NewGuid() }).ToList();

        var good = commands.Select(command => _sender.SendAsync(Good, command, _token)).ToList();
        var bad = commands.Take(5).Select(command => _sender.SendAsync(Bad, command, _token)).ToList();

        Assert.All(await Task.WhenAll(good), delivery => Assert.Equal(Delivery.Taken, delivery));
        Assert.All(await Task.WhenAll(bad), delivery => Assert.Equal(Delivery.Returned, delivery));
        Assert.Equal(commands.Select(command => command.CommandId).Order(), (await TakeAllAsync()).Distinct().Order());
        Assert.True(_agents.AgentsAreBack);
    }

    [OnlyInAll("seconds of a broker")]
    [Fact]
    public async Task ExchangeOfAHostThatIsGone_IsDeleted_UnlessAnAgentUsesIt_AndMadeAgainWhenItIsNeeded()
    {
        Assert.Equal(Delivery.ReturnedAtOnce, await _sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token));

        Assert.Equal(Delivery.Taken, await _sender.SendAsync(Bad, new DestinationGone(), _token));
        Assert.Equal(Delivery.Taken, await _sender.SendAsync(Good, new DestinationGone(), _token));

        Assert.False(await HasExchangeAsync(Bad));
        Assert.Equal(Delivery.Taken, await _sender.SendAsync(Good, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token));
        await _sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token);
        Assert.True(await HasExchangeAsync(Bad));
    }

    /// <summary>deleteHost, on another server, at the moment at which this one sends the host something.</summary>
    [OnlyInAll("seconds of a broker")]
    [Fact]
    public async Task ExchangeThatAnotherServerHasDeleted_CostsTheOthersNothing()
    {
        var sent = new List<Guid>();
        for (var round = 0; round < 5; round++)
        {
            Assert.NotEqual(Delivery.Taken, await _sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token));
            await _channel.ExchangeDeleteAsync(Bad, cancellationToken: _token);
            var commands = Enumerable.Range(0, Messages).Select(_ => new CheckHealthCommand { CommandId = Guid.NewGuid() }).ToList();
            sent.AddRange(commands.Select(command => command.CommandId));

            var before = commands.Take(Messages / 2).Select(command => _sender.SendAsync(Good, command, _token)).ToList();
            var bad = _sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token);
            var letters = Enumerable.Range(0, 5).Select(number => _sender.RefuseAsync("queue", "user", $"{round} {number}", new byte[1], _token)).ToList();
            var after = commands.Skip(Messages / 2).Select(command => _sender.SendAsync(Good, command, _token)).ToList();

            Assert.All(await Task.WhenAll(before.Concat(after)), delivery => Assert.Equal(Delivery.Taken, delivery));
            // Whether its first attempt met the agent nobody knows, so that it does not count as never delivered.
            Assert.Equal(Delivery.Returned, await bad);
            await Task.WhenAll(letters);
        }

        Assert.Equal(sent.Order(), (await TakeAllAsync()).Distinct().Order());
        var refused = new HashSet<string>();
        while (await _channel.BasicGetAsync(EndpointNames.Refused, autoAck: true, _token) is { } letter)
        {
            refused.Add(System.Text.Encoding.UTF8.GetString((byte[])letter.BasicProperties.Headers![DeadLetters.ReasonHeader]!));
        }

        Assert.Equal(25, refused.Count);
        Assert.True(_agents.AgentsAreBack);
    }

    private async Task<bool> HasExchangeAsync(string name)
    {
        await using var channel = await _connection.CreateChannelAsync(cancellationToken: _token);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(name, _token);
            return true;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
    }

    private async Task<List<Guid>> TakeAllAsync()
    {
        var taken = new List<Guid>();
        while (await _channel.BasicGetAsync(Good, autoAck: true, _token) is { } message)
        {
            taken.Add(Assert.IsType<CheckHealthCommand>(Envelope.Read(message.Body.Span)).CommandId);
        }

        return taken;
    }
}
