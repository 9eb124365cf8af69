using PciBus.Management.Accounts;

namespace PciBus.Management.Api;

/// <summary>One call of one command: its properties are the parameters, bound before it is executed.</summary>
internal abstract class ApiCommand
{
    /// <summary>Who calls.</summary>
    public Caller Caller { get; set; } = Caller.Admin;

    /// <exception cref="ApiException">The command is refused.</exception>
    public abstract Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken);
}
