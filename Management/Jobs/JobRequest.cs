using PciBus.Management.Accounts;

namespace PciBus.Management.Jobs;

/// <summary>Who asked for what.</summary>
/// <param name="Command">Name of the API command.</param>
/// <param name="EventType">Under which its events are written.</param>
/// <param name="Description">For its events, e.g. "starting VM web1".</param>
internal sealed record JobRequest(string Command, Caller Caller, string EventType, string Description);
