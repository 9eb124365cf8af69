using PciBus.Contracts;
using PciBus.Contracts.Joining;
using PciBus.Management.Hosts.Joining;

namespace PciBus.Management.Api.Joining;

/// <summary>Lets a host in and makes its user on the broker.</summary>
/// <param name="options">Null when the bus is within this process.</param>
internal sealed partial class HostJoining(
    ApiTransactions transactions,
    IServiceScopeFactory scopes,
    HostUserManager users,
    ILogger<HostJoining> logger,
    HostJoinOptions? options = null)
{
    public async Task<HostJoinAnswer> JoinAsync(HostJoinRequest request, CancellationToken cancellationToken)
    {
        if (options is null) return Refuse(request, "this management has no broker: its hosts are simulated, within it");
        if (!users.IsPossible) return Refuse(request, "this management cannot make users on the broker: bus.management.address is not set");
        // Anybody may ask: a wrong token costs a look through an index, and holds no writer up.
        if (!await IsKnownAsync(request.Token, cancellationToken)) return Refuse(request, HostJoinManager.UnknownToken);
        var password = HostPassword.New();
        // A refusal is committed too: it records that somebody tried.
        var outcome = await transactions.RunAsync<HostJoinManager, HostJoinOutcome>(
            joins => joins.JoinAsync(request, password, cancellationToken), _ => true, cancellationToken);
        if (outcome.Refusal is { } why) return Refuse(request, why);
        try
        {
            // Even if the caller has gone by now, the broker must have the password that stands in the database.
            await users.AlignAsync(request.Guid, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNoUser(request.Name, request.Guid, exception);
            const string refusal = "the broker did not make its user, see management's log; the token is used up: "
                + "createHostJoinToken with its hostid makes another";
            return new HostJoinAnswer { Refusal = refusal };
        }

        LogJoined(request.Name, request.Guid);
        return new HostJoinAnswer
        {
            BusAddress = options.BusAddressOf(EndpointNames.Agent(request.Guid), password),
            BusAuthorities = options.BusAuthorities,
        };
    }

    private async Task<bool> IsKnownAsync(string token, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<HostJoinTokenManager>().IsKnownAsync(token, cancellationToken);
    }

    private HostJoinAnswer Refuse(HostJoinRequest request, string why)
    {
        LogRefused(request.Name, request.Guid, why);
        return new HostJoinAnswer { Refusal = why };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{HostName} ({HostGuid}) has joined")]
    private partial void LogJoined(string hostName, string hostGuid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{HostName} ({HostGuid}) may not join: {Reason}")]
    private partial void LogRefused(string hostName, string hostGuid, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{HostName} ({HostGuid}) has joined, and the broker did not make its user")]
    private partial void LogNoUser(string hostName, string hostGuid, Exception exception);
}
