using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Api.VirtualMachines;
using PciBus.Management.Jobs;

namespace PciBus.Management.Api.Jobs;

[ApiResponse("asyncjobs", typeof(AsyncJob))]
internal sealed class AsyncJobResponse
{
    [JsonProperty("jobid"), Description("the job's id")]
    public Guid JobId { get; init; }

    [JsonProperty("cmd"), Description("name of the command that began it")]
    public required string Cmd { get; init; }

    [JsonProperty("jobstatus"), Description("0 under way, 1 succeeded, 2 failed, 3 cancelled")]
    public int JobStatus => (int)Status;

    [JsonProperty("jobprocstatus"), Description("always 0")]
    public int JobProcStatus => 0;

    [JsonProperty("jobresultcode"), Description("0, or the error code of a failed job")]
    public int JobResultCode { get; set; }

    [JsonProperty("jobresulttype"), Description("object, once it has ended")]
    public string? JobResultType => JobResult is null ? null : "object";

    [JsonProperty("jobresult"), Description("what it worked on, as it is now; or errorcode, cserrorcode and errortext")]
    public object? JobResult { get; set; }

    [JsonProperty("jobremark"), Description(
        "what else there is to say of a job that succeeded, e.g. which devices a migrated virtual machine runs without")]
    public string? Remark { get; set; }

    [JsonProperty("migration"), Description("how far the migration is that it waits for")]
    public MigrationResponse? Migration { get; set; }

    [JsonProperty("jobinstancetype"), Description("what kind of thing it works on, e.g. VirtualMachine")]
    public string? JobInstanceType { get; init; }

    [JsonProperty("jobinstanceid"), Description("what it works on")]
    public Guid? JobInstanceId { get; set; }

    [JsonProperty("accountid"), Description("the account that began it")]
    public Guid AccountId { get; init; }

    [JsonProperty("account"), Description("name of that account")]
    public required string Account { get; init; }

    [JsonProperty("domainid"), Description("the domain of that account")]
    public Guid DomainId { get; init; }

    [JsonProperty("domainpath"), Description("path of that domain")]
    public required string DomainPath { get; init; }

    [JsonProperty("userid"), Description("the user who began it")]
    public Guid UserId { get; init; }

    [JsonProperty("created"), Description("when it began")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("completed"), Description("when it ended")]
    public DateTimeOffset? Completed { get; init; }

    [JsonIgnore]
    public Management.Jobs.JobStatus Status { get; init; }

    [JsonIgnore]
    public RefusalCause? Failure { get; init; }

    [JsonIgnore]
    public string? FailureText { get; init; }

    [JsonIgnore]
    public long InternalId { get; init; }

    [JsonIgnore]
    public long? InstanceId { get; init; }
}

/// <summary>Why a job failed.</summary>
internal sealed class JobErrorResponse(ApiException error)
{
    [JsonProperty("errorcode")]
    public int ErrorCode => error.Code;

    [JsonProperty("cserrorcode")]
    public int CsErrorCode => error.CsErrorCode;

    [JsonProperty("errortext")]
    public string ErrorText => error.Message;
}
