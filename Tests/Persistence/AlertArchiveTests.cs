using PciBus.Management;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What an operator puts aside, or deletes, stands no more.</summary>
public abstract class AlertArchiveTests : IDisposable
{
    private readonly ManagementRig _rig;

    private protected AlertArchiveTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AlertThatAnOperatorEnds_HoldsBackNoOther(bool deleted)
    {
        await RaiseAsync(AlertType.DeadLetter, "a message was given up");
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        await RaiseAsync(AlertType.DeadLetter, "another message was given up");
        await RaiseAsync(AlertType.DeadLetter, "a message was given up");
        var first = Standing().First();
        Assert.Equal(2, Standing().Count);

        Assert.Null(await ChooseAsync(new AlertChoice([first.Id], AlertType.DeadLetter, first.Created, first.Created), deleted));
        Assert.Equal("another message was given up", Assert.Single(Standing()).Subject);
        Assert.Equal(deleted ? 1 : 2, _rig.Read(database => database.Set<Alert>().Count()));
        await RaiseAsync(AlertType.DeadLetter, "a message was given up");
        Assert.Equal(2, Standing().Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AlertsAreChosen_ByTypeAndTime_AndAllOrNothingByTheirIds(bool deleted)
    {
        await RaiseAsync(AlertType.DeadLetter, "a message was given up");
        await RaiseAsync(AlertType.HostRefused, "a host is refused");
        var ids = Standing().ConvertAll(alert => alert.Id);
        var now = _rig.Time.GetUtcNow();

        Assert.Equal(
            $"Unable to {(deleted ? "delete" : "archive")} Alerts, one or more parameters has invalid values",
            (await ChooseAsync(new AlertChoice(ids, AlertType.DeadLetter, null, null), deleted))!.Text);
        Assert.Null(await ChooseAsync(new AlertChoice(null, null, null, now - TimeSpan.FromSeconds(1)), deleted));
        Assert.Equal(2, Standing().Count);
        Assert.Null(await ChooseAsync(new AlertChoice(null, AlertType.DeadLetter, null, null), deleted));
        Assert.Equal(AlertType.HostRefused, Assert.Single(Standing()).Type);
        Assert.Null(await ChooseAsync(new AlertChoice(null, null, now, now), deleted));
        Assert.Empty(Standing());
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<Refusal?> ChooseAsync(AlertChoice choice, bool deleted) => _rig.TryAsync((AlertArchiveManager alerts) =>
        deleted ? alerts.DeleteAsync(choice, CancellationToken.None) : alerts.ArchiveAsync(choice, CancellationToken.None));

    private Task RaiseAsync(AlertType type, string subject) => _rig.RunAsync(
        (AlertManager alerts) => alerts.RaiseAsync(type, subject, "its body", null, null, CancellationToken.None));

    private List<Alert> Standing() => _rig.Read(database => database.Set<Alert>().Where(alert => alert.Resolved == null).OrderBy(alert => alert.Id).ToList());

    public sealed class OnSqlite() : AlertArchiveTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : AlertArchiveTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : AlertArchiveTests(DatabaseProvider.SqlServer);
}
