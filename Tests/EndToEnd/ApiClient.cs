using System.Net;
using System.Net.Sockets;
using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;

namespace PciBus.Tests.EndToEnd;

/// <summary>Calls the API over HTTP, as curl would.</summary>
/// <param name="timeout">Time after which nobody counts as having answered; null = a patient one.</param>
internal sealed class ApiClient(string url, TimeSpan? timeout = null) : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan JobTime = TimeSpan.FromSeconds(45);
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 })
    {
        Timeout = timeout ?? Patience.Times(AnswerTime),
    };

    /// <summary>Calls a command and returns what stands in its wrapper.</summary>
    /// <exception cref="ApiError">The answer is an error.</exception>
    public async Task<JObject> CallAsync(string command, params (string Name, object? Value)[] parameters)
    {
        var query = string.Concat(parameters.Where(one => one.Value is not null).Select(one =>
            $"&{one.Name}={Uri.EscapeDataString(Convert.ToString(one.Value, System.Globalization.CultureInfo.InvariantCulture)!)}"));
        using var response = await _http.GetAsync(new Uri($"{url}?command={command}&response=json{query}"));
        var body = JObject.Parse(await response.Content.ReadAsStringAsync());
        var inner = (JObject)body.Properties().Single().Value;
        return response.StatusCode == HttpStatusCode.OK
            ? inner
            : throw new ApiError((int)response.StatusCode, inner.Value<string>("errortext") ?? "");
    }

    /// <summary>As <see cref="CallAsync"/>; null when nobody answers.</summary>
    public async Task<JObject?> TryCallAsync(string command, params (string Name, object? Value)[] parameters)
    {
        try
        {
            return await CallAsync(command, parameters);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or SocketException or IOException)
        {
            return null;
        }
    }

    /// <summary>Calls an asynchronous command and waits for its job.</summary>
    /// <returns>The job's result.</returns>
    /// <exception cref="ApiError">The job failed.</exception>
    public async Task<JObject> RunAsync(string command, params (string Name, object? Value)[] parameters) =>
        await WaitAsync((string)(await CallAsync(command, parameters))["jobid"]!);

    /// <summary>Waits for a job.</summary>
    public async Task<JObject> WaitAsync(string jobId)
    {
        JObject? job = null;
        await Patience.UntilAsync(
            async () =>
            {
                job = await TryCallAsync("queryAsyncJobResult", ("jobid", jobId));
                return job is not null && (int)job["jobstatus"]! != 0;
            },
            JobTime,
            () => $"{job}",
            default,
            $"job {jobId} has ended");
        var result = (JObject)job!["jobresult"]!;
        return (int)job["jobstatus"]! == 1 ? result : throw new ApiError((int)result["errorcode"]!, (string)result["errortext"]!);
    }

    public void Dispose() => _http.Dispose();
}
