using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PciBus.Management.Deployment;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts in placement classes that another server made.</summary>
public abstract class UnknownClassTests : IDisposable
{
    private readonly ManagementRig _one;

    private protected UnknownClassTests(DatabaseProvider provider) => _one = new ManagementRig(provider: provider);

    [Fact]
    public async Task HostIsFound_WhenItsClassIsReadAfterTheFirstLook()
    {
        var host = await _one.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        using var other = _one.AnotherServer();

        Assert.Equal(host.Id, (await PlanAsync(other))?.HostId);
    }

    [Fact]
    public async Task HostIsFound_WhenAnotherHandOfTheServerReadsItsClassInBetween()
    {
        var host = await _one.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var inBetween = new WhenClassesAreRead();
        using var other = _one.AnotherServer(inBetween);
        inBetween.Do(() => _one.Read(database => database.Set<PlacementClass>().ToList()).ForEach(one => other.Get<PlacementClasses>().Add(one)));

        Assert.Equal(host.Id, (await PlanAsync(other))?.HostId);
    }

    [Fact]
    public async Task HostIsFound_WhenItGoesOnToAnotherNewClassInBetween()
    {
        var host = await _one.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await _one.ConnectAsync(Announcements.Host("kvm2", "28:00.1|GPU"));
        var inBetween = new WhenClassesAreRead(afterwards: true);
        using var other = _one.AnotherServer(inBetween);
        inBetween.Do(() => _one.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE", "28:00.2|10GE")).GetAwaiter().GetResult());

        Assert.Equal(host.Id, (await PlanAsync(other))?.HostId);
    }

    public void Dispose()
    {
        _one.Dispose();
        GC.SuppressFinalize(this);
    }

    private static Task<DeployDestination?> PlanAsync(ManagementRig server)
    {
        var zone = server.Read(database => database.Set<Zone>().Select(row => row.Id).First());
        var plan = new DeploymentPlan(zone, 100, 1 << 20, PciDeviceNames.ParseList("10GE"), "", null);
        return server.RunAsync((DeploymentPlanningManager planning) => planning.PlanDeploymentAsync(plan, ExcludeList.Empty, CancellationToken.None));
    }

    /// <summary>Does something once, just before, or just after, the classes are read.</summary>
    private sealed class WhenClassesAreRead(bool afterwards = false) : DbCommandInterceptor
    {
        private Action? _what;

        public void Do(Action what) => _what = what;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (!afterwards) DoAt(command);
            return ValueTask.FromResult(result);
        }

        public override ValueTask<InterceptionResult> DataReaderClosingAsync(DbCommand command, DataReaderClosingEventData eventData, InterceptionResult result)
        {
            if (afterwards) DoAt(command);
            return ValueTask.FromResult(result);
        }

        private void DoAt(DbCommand command)
        {
            // SQL Server's names stand in brackets.
            if (!command.CommandText.Replace("[", "", StringComparison.Ordinal).Contains("FROM op_placement_class", StringComparison.Ordinal)) return;
            Interlocked.Exchange(ref _what, null)?.Invoke();
        }
    }

    [OutOfProcess]
    public sealed class OnPostgreSql() : UnknownClassTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : UnknownClassTests(DatabaseProvider.SqlServer);
}
