using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Contracts.Connection;
using PciBus.Contracts.Joining;
using PciBus.Management.Accounts;
using PciBus.Management.Api;
using PciBus.Management.Api.Joining;
using PciBus.Management.Bus;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>
/// A host joins while the broker's users are compared with the hosts: in the end the broker has the password that the host was told. Each
/// of the two is another server, but where it is said.
/// </summary>
public sealed class HostJoiningTests : IAsyncLifetime
{
    private const string Guid = "guid-1";
    private const string User = "agent." + Guid;
    private const int Storm = 50;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly BusAddress Bus = BusAddress.TryParse("amqp://guest:guest@127.0.0.1:5672", out var bus) ? bus : throw new InvalidOperationException();

    private readonly TransactionCounter _transactions = new();
    private readonly ManagementRig _rig;
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private ScriptedBrokerApi _broker = null!;
    private BrokerUsers _users = null!;

    public HostJoiningTests() => _rig = new ManagementRig(admission: HostAdmission.Joined, interceptors: _transactions);

    public async ValueTask InitializeAsync()
    {
        _broker = await ScriptedBrokerApi.StartAsync(_token);
        _users = new BrokerUsers(_broker.Address, Bus);
    }

    public async ValueTask DisposeAsync()
    {
        _users.Dispose();
        await _broker.DisposeAsync();
        _rig.Dispose();
    }

    [Fact]
    public async Task HostThatJoinsAgain_WhileItsUserIsMade_HasItsNewPassword()
    {
        await JoinsAsync(ServerOf(_rig));
        _broker.Users.Clear();
        var hostId = _rig.Read(database => database.Set<Host>().Single().Id);
        _broker.Before("GET", User, () => JoinsAsync(ServerOf(_rig.AnotherServer()), hostId));

        Assert.Equal("users made: 1, taken away: 0, left because nobody knows their hosts: 0", await AlignAsync(ServerOf(_rig)));

        Assert.Equal(PasswordHash(), _broker.Users[User]);
    }

    [Fact]
    public async Task HostThatJoinsAgain_WhileTheUserOfItsDeletedRowIsTakenAway_HasAUser()
    {
        await JoinsAsync(ServerOf(_rig));
        await DeleteAsync();
        _broker.Before("DELETE", User, () => JoinsAsync(ServerOf(_rig.AnotherServer())));

        await AlignAsync(ServerOf(_rig));

        Assert.Equal(PasswordHash(), _broker.Users[User]);
    }

    [Fact]
    public async Task OnOneServer_TheHostThatJoinsWaitsUntilTheUserIsTakenAway()
    {
        var server = ServerOf(_rig);
        await JoinsAsync(server);
        await DeleteAsync();
        var joining = Task.CompletedTask;
        var removals = 0;
        _broker.Before("DELETE", User, async () =>
        {
            joining = JoinsAsync(server);
            await Patience.UntilAsync(() => PasswordHash() is not null, Soon, () => "", _token);
            _broker.Before("DELETE", User, () => Task.FromResult(removals++));
        });

        await AlignAsync(server);
        await joining;

        Assert.Equal(PasswordHash(), _broker.Users[User]);
        Assert.Equal(0, removals);
    }

    [Fact]
    public async Task WrongTokens_TouchNothing()
    {
        var before = _transactions.Count;
        var joining = JoiningOn(_rig, ServerOf(_rig));

        for (var attempt = 0; attempt < Storm; attempt++)
        {
            Assert.Equal("The token is not known", (await joining.JoinAsync(Request($"token {attempt}"), _token)).Refusal);
        }

        Assert.Equal(before, _transactions.Count);
    }

    private HostUserManager ServerOf(ManagementRig rig) => new(rig.Get<DatabaseTransactions>(), _users);

    private static HostJoining JoiningOn(ManagementRig rig, HostUserManager server) => new(
        new ApiTransactions(rig.Get<DatabaseTransactions>()), rig.Get<IServiceScopeFactory>(), server, NullLogger<HostJoining>.Instance,
        new HostJoinOptions((user, password) => $"amqp://{user}:{password}@127.0.0.1", null));

    private Task<string?> AlignAsync(HostUserManager server) =>
        new BrokerUsersJob(_rig.Get<DatabaseTransactions>(), _rig.Get<BrokerOutage>(), server, _users).RunAsync(_token);

    private async Task JoinsAsync(HostUserManager server, long? hostId = null)
    {
        var token = HostPassword.New();
        Assert.Null(await _rig.TryAsync((HostJoinTokenManager tokens) => tokens.CreateTokenAsync(
            new HostJoinTokenOrder(System.Guid.NewGuid(), token, null, "zone1", "pod1", "cluster1", hostId, TimeSpan.FromHours(1)), Caller.Admin, _token)));
        Assert.Null((await JoiningOn(_rig, server).JoinAsync(Request(token), _token)).Refusal);
    }

    private async Task DeleteAsync()
    {
        var hostId = _rig.Read(database => database.Set<Host>().Single().Id);
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.DeleteAsync(hostId, false, Caller.Admin, _token)));
    }

    private string? PasswordHash() =>
        _rig.Read(database => database.Set<Host>().Where(host => host.Removed == null).Select(host => host.BusPasswordHash).SingleOrDefault());

    private static HostJoinRequest Request(string token) =>
        new() { Token = token, Guid = Guid, Name = "kvm1", Zone = "zone1", Pod = "pod1", Cluster = "cluster1" };
}
