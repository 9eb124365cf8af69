using Microsoft.Extensions.Time.Testing;
using PciBus.Agent.Broker;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Agents;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class BrokerMessageSenderTests(BrokerFixture broker)
{
    private const string Good = "agent.good";
    private const string Bad = "agent.bad";
    private const int Messages = 100;
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    /// <summary>An agent may do with its own exchange what it likes: one channel carries what is for all of them.</summary>
    [OnlyInAll("seconds of a broker")]
    [Fact]
    public async Task WhatOneAgentDoesToItsExchange_CostsTheOthersNothing()
    {
        Assert.True(BusAddress.TryParse(await broker.CleanAsync(_token), out var address));
        await using var connection = await BrokerFactory.For(address, TimeSpan.FromSeconds(10), "test").CreateConnectionAsync(_token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        await channel.ExchangeDeclareAsync(Good, ExchangeType.Fanout, durable: true, cancellationToken: _token);
        await channel.ExchangeDeclareAsync(Bad, ExchangeType.Direct, durable: true, cancellationToken: _token);
        await channel.QueueDeclareAsync(Good, durable: false, exclusive: true, autoDelete: true, cancellationToken: _token);
        await channel.QueueBindAsync(Good, Good, "", cancellationToken: _token);
        var clock = new FakeTimeProvider();
        var agents = new AgentReturn(new HostOptions(), clock);
        clock.Advance(TimeSpan.FromMinutes(1));
        await using var sender = new BrokerMessageSender(address, agents, TimeProvider.System);
        var commands = Enumerable.Range(0, Messages).Select(_ => new CheckHealthCommand { CommandId = Guid.NewGuid() }).ToList();

        var good = commands.Select(command => sender.SendAsync(Good, command, _token)).ToList();
        var bad = commands.Take(5).Select(command => sender.SendAsync(Bad, command, _token)).ToList();

        Assert.All(await Task.WhenAll(good), delivery => Assert.Equal(Delivery.Taken, delivery));
        Assert.All(await Task.WhenAll(bad), delivery => Assert.Equal(Delivery.Returned, delivery));
        Assert.Equal(commands.Select(command => command.CommandId).Order(), (await TakeAllAsync(channel)).Distinct().Order());
        Assert.True(agents.AgentsAreBack);
        await channel.ExchangeDeleteAsync(Good, cancellationToken: _token);
        await channel.ExchangeDeleteAsync(Bad, cancellationToken: _token);
    }

    [OnlyInAll("seconds of a broker")]
    [Fact]
    public async Task ExchangeOfAHostThatIsGone_IsDeleted_UnlessAnAgentUsesIt_AndMadeAgainWhenItIsNeeded()
    {
        Assert.True(BusAddress.TryParse(await broker.CleanAsync(_token), out var address));
        await using var connection = await BrokerFactory.For(address, TimeSpan.FromSeconds(10), "test").CreateConnectionAsync(_token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        await using var sender = new BrokerMessageSender(address, new AgentReturn(new HostOptions(), TimeProvider.System), TimeProvider.System);
        await channel.ExchangeDeclareAsync(Good, ExchangeType.Fanout, durable: true, cancellationToken: _token);
        await channel.QueueDeclareAsync(Good, durable: false, exclusive: true, autoDelete: true, cancellationToken: _token);
        await channel.QueueBindAsync(Good, Good, "", cancellationToken: _token);
        Assert.Equal(Delivery.Returned, await sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token));

        Assert.Equal(Delivery.Taken, await sender.SendAsync(Bad, new DestinationGone(), _token));
        Assert.Equal(Delivery.Taken, await sender.SendAsync(Good, new DestinationGone(), _token));

        Assert.False(await HasExchangeAsync(connection, Bad));
        Assert.Equal(Delivery.Taken, await sender.SendAsync(Good, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token));
        await sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token);
        Assert.True(await HasExchangeAsync(connection, Bad));
        await channel.ExchangeDeleteAsync(Good, cancellationToken: _token);
        await channel.ExchangeDeleteAsync(Bad, cancellationToken: _token);
    }

    /// <summary>deleteHost, on another server, at the moment at which this one sends the host something.</summary>
    [OnlyInAll("seconds of a broker")]
    [Fact]
    public async Task ExchangeThatAnotherServerHasDeleted_CostsTheOthersNothing()
    {
        Assert.True(BusAddress.TryParse(await broker.CleanAsync(_token), out var address));
        await using var connection = await BrokerFactory.For(address, TimeSpan.FromSeconds(10), "test").CreateConnectionAsync(_token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        await channel.ExchangeDeclareAsync(Good, ExchangeType.Fanout, durable: true, cancellationToken: _token);
        await channel.QueueDeclareAsync(Good, durable: false, exclusive: true, autoDelete: true, cancellationToken: _token);
        await channel.QueueBindAsync(Good, Good, "", cancellationToken: _token);
        var clock = new FakeTimeProvider();
        var agents = new AgentReturn(new HostOptions(), clock);
        clock.Advance(TimeSpan.FromMinutes(1));
        await using var sender = new BrokerMessageSender(address, agents, TimeProvider.System);
        var sent = new List<Guid>();
        for (var round = 0; round < 5; round++)
        {
            Assert.NotEqual(Delivery.Taken, await sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token));
            await channel.ExchangeDeleteAsync(Bad, cancellationToken: _token);
            var commands = Enumerable.Range(0, Messages).Select(_ => new CheckHealthCommand { CommandId = Guid.NewGuid() }).ToList();
            sent.AddRange(commands.Select(command => command.CommandId));

            var before = commands.Take(Messages / 2).Select(command => sender.SendAsync(Good, command, _token)).ToList();
            var bad = sender.SendAsync(Bad, new CheckHealthCommand { CommandId = Guid.NewGuid() }, _token);
            var letters = Enumerable.Range(0, 5).Select(number => sender.RefuseAsync("queue", "user", $"{round} {number}", new byte[1], _token)).ToList();
            var after = commands.Skip(Messages / 2).Select(command => sender.SendAsync(Good, command, _token)).ToList();

            Assert.All(await Task.WhenAll(before.Concat(after)), delivery => Assert.Equal(Delivery.Taken, delivery));
            // Whether its first attempt met the agent nobody knows, so that it does not count as never delivered.
            Assert.Equal(Delivery.Returned, await bad);
            await Task.WhenAll(letters);
        }

        Assert.Equal(sent.Order(), (await TakeAllAsync(channel)).Distinct().Order());
        var refused = new HashSet<string>();
        while (await channel.BasicGetAsync(EndpointNames.Refused, autoAck: true, _token) is { } letter)
        {
            refused.Add(System.Text.Encoding.UTF8.GetString((byte[])letter.BasicProperties.Headers![DeadLetters.ReasonHeader]!));
        }

        Assert.Equal(25, refused.Count);
        Assert.True(agents.AgentsAreBack);
        await channel.ExchangeDeleteAsync(Good, cancellationToken: _token);
        await channel.ExchangeDeleteAsync(Bad, cancellationToken: _token);
    }

    private async Task<bool> HasExchangeAsync(IConnection connection, string name)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
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

    private async Task<List<Guid>> TakeAllAsync(IChannel channel)
    {
        var taken = new List<Guid>();
        while (await channel.BasicGetAsync(Good, autoAck: true, _token) is { } message)
        {
            taken.Add(Assert.IsType<CheckHealthCommand>(Envelope.Read(message.Body.Span)).CommandId);
        }

        return taken;
    }
}
