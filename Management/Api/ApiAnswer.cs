using System.Reflection;

namespace PciBus.Management.Api;

/// <summary>What stands under the wrapper of an answer; the shapes are CloudStack's.</summary>
internal sealed record ApiAnswer(object Body)
{
    public static ApiAnswer Success(string? remark = null) => new(new SuccessResponse { DisplayText = remark });

    /// <summary>An object under its name.</summary>
    public static ApiAnswer Of<T>(T response) where T : notnull => new(Named(response));

    /// <summary>A page of a list: nothing at all when nothing matches, the count alone beyond the end.</summary>
    /// <param name="count">How many match, whatever the page.</param>
    public static ApiAnswer List<T>(int count, IReadOnlyList<T> page)
    {
        var body = new Dictionary<string, object>();
        if (count > 0) body["count"] = count;
        if (page.Count > 0) body[NameOf(typeof(T))] = page;
        return new ApiAnswer(body);
    }

    /// <summary>A job that works on something that is there.</summary>
    public static ApiAnswer Job(Guid jobId) => new(new Dictionary<string, object> { ["jobid"] = jobId });

    /// <summary>A job that works on something new.</summary>
    public static ApiAnswer Job(Guid jobId, Guid id) => new(new Dictionary<string, object> { ["id"] = id, ["jobid"] = jobId });

    /// <summary>An object under its name, as it stands in an answer or in a job's result.</summary>
    public static Dictionary<string, object> Named(object response) => new() { [NameOf(response.GetType())] = response };

    private static string NameOf(Type type) => type.GetCustomAttribute<ApiResponseAttribute>()!.ObjectName;
}

/// <summary>A call's answer, ready to be written.</summary>
/// <param name="Status">The HTTP status: 200, or the error code.</param>
/// <param name="Wrapper">The one key on top.</param>
internal sealed record ApiResult(int Status, string Wrapper, object Body);
