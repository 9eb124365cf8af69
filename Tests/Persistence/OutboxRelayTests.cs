using PciBus.Contracts.Startup;
using PciBus.Management;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

public abstract class OutboxRelayTests : IDisposable
{
    private readonly ManagementRig _rig;
    private readonly ManagementRig _other;

    private protected OutboxRelayTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _other = _rig.AnotherServer();
    }

    [Fact]
    public async Task Message_IsSentAfterTheCommit_AndDeleted()
    {
        await WriteAsync("a", "b");
        Assert.Empty(_rig.Bus.Sent);

        await _rig.DeliverAsync();

        Assert.Equal(["a", "b"], Sent());
        Assert.Equal(0, Left());
    }

    [Fact]
    public async Task Message_IsNotSent_WhenItsTransactionIsRolledBack()
    {
        await _rig.TryAsync((Outbox outbox) =>
        {
            outbox.Add("agent.kvm1", new ReadyCommand { HostName = "a" });
            return Task.FromResult<Refusal?>(Refusal.Race("taken"));
        });
        await _rig.DeliverAsync();

        Assert.Empty(_rig.Bus.Sent);
        Assert.Equal(0, Left());
    }

    [Fact]
    public async Task MessageThatCouldNotBeSent_Stays_AndIsSentWhenItsLeaseEnds()
    {
        _rig.Bus.Fails = message => message is ReadyCommand { HostName: "a" };
        await WriteAsync("a", "b");
        await _rig.DeliverAsync();
        Assert.Equal(["b"], Sent());
        Assert.Equal(1, Left());

        _rig.Bus.Fails = _ => false;
        await TakeOverAsync();
        Assert.Equal(["b"], Sent());

        _rig.Time.Advance(OutboxRelay.Lease);
        await TakeOverAsync();
        Assert.Equal(["b", "a"], Sent());
        Assert.Equal(0, Left());
    }

    [Theory]
    [InlineData("UPDATE outbox_message SET message_type = 'PciBus.Contracts.OfALaterVersion' WHERE body LIKE '%\"a\"%'")]
    [InlineData("UPDATE outbox_message SET body = '{' WHERE body LIKE '%\"a\"%'")]
    public async Task RowThatCannotBeRead_IsSetAside_WithAnAlert_AndTheOthersAreSent(string damage)
    {
        await WriteAsync("a", "b");
        _rig.Execute("UPDATE outbox_message SET lease_owner = 'a process that died'");
        _rig.Execute(damage);

        for (var time = 0; time < 3; time++)
        {
            _rig.Time.Advance(OutboxRelay.Lease);
            await TakeOverAsync();
        }

        Assert.Equal(["b"], Sent());
        Assert.Equal(1, Left());
        var alert = Assert.Single(_rig.Read(database => database.Set<Alert>().ToList()));
        Assert.Equal(AlertType.DeadLetter, alert.Type);
        Assert.Contains("cannot be sent to agent.", alert.Subject, StringComparison.Ordinal);
        Assert.Single(_other.Log.Lines, line => line.Text.Contains("cannot be read; it is tried again in a day", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MessagesOfAProcessThatDied_AreTakenOver_InTheirOrder()
    {
        await WriteAsync("a", "b", "c");
        _rig.Execute("UPDATE outbox_message SET lease_owner = 'a process that died'");

        await TakeOverAsync();
        Assert.Empty(_rig.Bus.Sent);

        _rig.Time.Advance(OutboxRelay.Lease);
        await TakeOverAsync();
        Assert.Equal(["a", "b", "c"], Sent());
    }

    [Fact]
    public async Task MessageWhoseLeaseHasEnded_IsSentByWhoeverLeasesItFirst()
    {
        await WriteAsync("a");
        await WriteAsync("b");
        _rig.Time.Advance(OutboxRelay.Lease);
        _rig.Execute("UPDATE outbox_message SET lease_owner = 'another' WHERE body LIKE '%\"b\"%'");

        await _rig.DeliverAsync();

        Assert.Equal(["a"], Sent());
        Assert.Equal(1, Left());
    }

    [Fact]
    public async Task MessageInHand_IsNotTakenOverByItsOwnProcess()
    {
        await WriteAsync("a");
        _rig.Time.Advance(OutboxRelay.Lease);

        await _rig.Outbox.TakeOverAsync(_rig.Time.GetUtcNow(), CancellationToken.None);

        Assert.Empty(_rig.Bus.Sent);
    }

    [Fact]
    public async Task Relay_DoesNotSend_WhatAnotherHasSentSince()
    {
        await WriteAsync("a");
        _rig.Time.Advance(OutboxRelay.Lease);
        await TakeOverAsync();

        await _rig.DeliverAsync();

        Assert.Equal(["a"], Sent());
    }

    [Fact]
    public async Task AllThatWasLeft_IsTakenOver_HoweverMuchItIs()
    {
        await WriteAsync([.. Enumerable.Range(0, 250).Select(number => $"{number}")]);
        _rig.Time.Advance(OutboxRelay.Lease);

        await TakeOverAsync();

        Assert.Equal(Enumerable.Range(0, 250).Select(number => $"{number}"), Sent());
        Assert.Equal(0, Left());
    }

    [Fact]
    public async Task Message_IsNotTakenOver_WhenAnotherProcessWasFirst()
    {
        await WriteAsync("a");
        _rig.Time.Advance(OutboxRelay.Lease);
        _rig.IgnoreUpdates("outbox_message", "lease_owner");

        await TakeOverAsync();

        Assert.Empty(_rig.Bus.Sent);
        Assert.Equal(1, Left());
    }

    [Fact]
    public async Task MessageTakenOver_IsLeasedAgain_WhenItCannotBeSent()
    {
        _rig.Bus.Fails = _ => true;
        await WriteAsync("a");
        _rig.Time.Advance(OutboxRelay.Lease);

        await TakeOverAsync();

        Assert.Equal(Announcements.Now + (2 * OutboxRelay.Lease), _rig.Read(database => database.Set<OutboxMessage>().Single()).LeaseUntil);
    }

    public void Dispose()
    {
        _other.Dispose();
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task WriteAsync(params string[] names) => _rig.RunAsync((Outbox outbox) =>
    {
        foreach (var name in names) outbox.Add("agent.kvm1", new ReadyCommand { HostName = name });
        return Task.CompletedTask;
    });

    private Task<int> TakeOverAsync() => _other.Outbox.TakeOverAsync(_rig.Time.GetUtcNow(), CancellationToken.None);

    private IEnumerable<string> Sent() => _rig.Bus.Sent.Select(sent => ((ReadyCommand)sent.Message).HostName);

    private int Left() => _rig.Read(database => database.Set<OutboxMessage>().Count());

    public sealed class OnSqlite() : OutboxRelayTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : OutboxRelayTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : OutboxRelayTests(DatabaseProvider.SqlServer);
}
