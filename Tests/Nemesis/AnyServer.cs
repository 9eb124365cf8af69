using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;

namespace PciBus.Tests.Nemesis;

/// <summary>The management servers of a cluster, as users see them who ask on when one does not answer.</summary>
internal sealed class AnyServer(IReadOnlyList<ApiClient> servers)
{
    private static readonly TimeSpan Answered = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Ended = TimeSpan.FromMinutes(4);

    /// <summary>
    /// Asks one server, or the next one that answers. A request whose answer was lost may have been taken: what comes of it
    /// is nobody's, and swept up at the end.
    /// </summary>
    public async Task<JObject> AskAsync(int first, string command, params (string Name, object? Value)[] parameters)
    {
        JObject? answer = null;
        await Condition.BecomesTrueAsync(
            async () =>
            {
                for (var i = 0; i < servers.Count && answer is null; i++)
                {
                    answer = await servers[(first + i) % servers.Count].TryCallAsync(command, parameters);
                }

                return answer is not null;
            },
            Answered,
            () => $"nobody answers {command}",
            default);
        return answer!;
    }

    /// <summary>Asks for something that takes time, and waits for its end.</summary>
    /// <exception cref="ApiError">It was refused, or failed.</exception>
    public async Task RunAsync(int first, string command, params (string Name, object? Value)[] parameters) =>
        await WaitAsync(await AskAsync(first, command, parameters));

    /// <exception cref="ApiError">The job failed.</exception>
    public async Task WaitAsync(JObject accepted)
    {
        var jobId = (string)accepted["jobid"]!;
        JObject? job = null;
        await Condition.BecomesTrueAsync(
            async () =>
            {
                job = await AskAsync(0, "queryAsyncJobResult", ("jobid", jobId));
                return (int)job["jobstatus"]! != 0;
            },
            Ended,
            () => $"job {jobId} did not end: {job}",
            default);
        if ((int)job!["jobstatus"]! == 1) return;
        var result = job["jobresult"]!;
        throw new ApiError((int)result["errorcode"]!, (string)result["errortext"]!);
    }
}
