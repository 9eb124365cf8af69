using System.Reflection;
using PciBus.Management.Accounts;
using PciBus.Management.Jobs;

namespace PciBus.Management.Api;

/// <summary>One call of one command: its properties are the parameters, bound before it is executed.</summary>
internal abstract class ApiCommand
{
    /// <summary>Who calls.</summary>
    public Caller Caller { get; set; } = Caller.Admin;

    /// <exception cref="ApiException">The command is refused.</exception>
    public abstract Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken);

    /// <summary>The job that the command begins, which has the command's name.</summary>
    /// <param name="eventType">Under which its events are written.</param>
    /// <param name="description">For its events, e.g. "starting VM web1".</param>
    protected JobRequest Job(string eventType, string description) =>
        new(GetType().GetCustomAttribute<ApiCommandAttribute>()!.Name, Caller, eventType, description);
}
