using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Api.Reconciliation;

[ApiResponse("reconciliationjob")]
internal sealed class ReconciliationJobResponse(ReconciliationJob job, ReconciliationRun? run)
{
    [JsonProperty("name"), Description("the job's name; its interval is the setting reconciliation.interval.NAME")]
    public string Name => job.Name;

    [JsonProperty("description"), Description("what it does")]
    public string Description => job.Description;

    [JsonProperty("interval"), Description("how often it runs, in seconds")]
    public double Interval => job.Interval.TotalSeconds;

    [JsonProperty("perserver"), Description("true: every server runs it for itself; false: each run is one server's")]
    public bool PerServer => job.PerServer;

    [JsonProperty("state"), Description("Idle, Running, or Failing: its last run failed, and it runs again at its next turn")]
    public string State => run switch
    {
        null => "Idle",
        { LastEnd: null } => "Running",
        { LastEnd: { } end, LastStart: var start } when end < start => "Running",
        { Failing: > 0 } => "Failing",
        _ => "Idle",
    };

    [JsonProperty("laststart"), Description("when its last run began; runs that are like the one before are written down once a minute")]
    public DateTimeOffset? LastStart => run?.LastStart;

    [JsonProperty("lastend"), Description("when its last run ended")]
    public DateTimeOffset? LastEnd => run?.LastEnd;

    [JsonProperty("lastresult"), Description("what its last run did, or why it failed")]
    public string? LastResult => run?.LastResult;

    [JsonProperty("server"), Description("the server of its last run: name of the machine and number of the process")]
    public string? Server => run?.Server;

    [JsonProperty("runs"), Description("how often it ran, on all servers")]
    public long Runs => run?.Runs ?? 0;

    [JsonProperty("failures"), Description("how many of these runs failed")]
    public long Failures => run?.Failures ?? 0;
}
