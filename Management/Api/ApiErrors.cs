namespace PciBus.Management.Api;

/// <summary>The codes of errors, which are CloudStack's: what each refusal is to a caller.</summary>
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
