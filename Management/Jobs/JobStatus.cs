namespace PciBus.Management.Jobs;

/// <summary>CloudStack's states of a job, with their numbers in the API.</summary>
internal enum JobStatus
{
    InProgress = 0,
    Succeeded = 1,
    Failed = 2,
    Cancelled = 3,
}
