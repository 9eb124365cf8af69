namespace PciBus.Management.Api;

/// <summary>The codes of errors, which are CloudStack's, and the code of each refusal.</summary>
internal static class ApiErrors
{
    public const int Unauthorized = 401;
    public const int MalformedParameter = 430;
    public const int ParameterError = 431;
    public const int UnsupportedAction = 432;
    public const int TooManyRequests = 429;
    public const int InternalError = 530;
    public const int InsufficientCapacity = 533;
    public const int ResourceUnavailable = 534;
    public const int ResourceInUse = 536;

    /// <summary>Error code and cserrorcode of a cause.</summary>
    public static (int Code, int CsErrorCode) Of(RefusalCause cause) => cause switch
    {
        RefusalCause.InvalidParameter => (ParameterError, 4350),
        RefusalCause.InsufficientCapacity => (InsufficientCapacity, 4335),
        RefusalCause.AgentUnavailable => (ResourceUnavailable, 4285),
        RefusalCause.OperationTimedOut => (InternalError, 4560),
        RefusalCause.ResourceInUse => (ResourceInUse, 4375),
        RefusalCause.ConcurrentChange => (InternalError, 4300),
        RefusalCause.OperationFailed => (InternalError, 4250),
    };

    /// <summary>Nothing was done; the same call may succeed later.</summary>
    public static ApiException Unavailable(string text) => new(ResourceUnavailable, 4380, text);

    public static ApiException Of(Refusal refusal)
    {
        var (code, csErrorCode) = Of(refusal.Cause);
        return new ApiException(code, csErrorCode, refusal.Text);
    }
}

/// <summary>An error as callers see it: CloudStack's error code, which is the HTTP status too, and its text.</summary>
/// <param name="code">One of <see cref="ApiErrors"/>'s codes.</param>
/// <param name="csErrorCode">CloudStack's number of the exception behind it.</param>
internal sealed class ApiException(int code, int csErrorCode, string text) : Exception(text)
{
    public int Code => code;

    public int CsErrorCode => csErrorCode;

    /// <summary>What was asked for does not fit; CloudStack's InvalidParameterValueException.</summary>
    public static ApiException InvalidParameter(string text) => new(ApiErrors.ParameterError, 4350, text);

    /// <summary>A parameter could not be read; CloudStack's ServerApiException.</summary>
    /// <param name="command">Name of the command.</param>
    /// <param name="why">The end of the sentence, e.g. <c>missing parameter id</c>.</param>
    public static ApiException BadParameter(string command, string why) => new(
        ApiErrors.ParameterError, 9999, $"Unable to execute API command {command.ToLowerInvariant()} due to {why}");
}
