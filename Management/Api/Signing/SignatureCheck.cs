using PciBus.Management.Accounts;

namespace PciBus.Management.Api.Signing;

/// <summary>Finds out who signed a request. A refused caller is not told why: only the log says it.</summary>
internal sealed partial class SignatureCheck(UserKeyManager keys, TimeProvider time, ILogger<SignatureCheck> logger)
{
    /// <returns>For whom the request is carried out; null when it carries no valid signature.</returns>
    public async Task<Caller?> FindCallerAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (request["apikey"] is not { Length: > 0 } apiKey || !apiKey.All(char.IsAscii) || apiKey.Any(char.IsControl)) return null;
        if (await keys.FindAsync(apiKey, cancellationToken) is not { } holder) return null;
        if (WhyNot(request, holder, time.GetUtcNow()) is not { } reason) return holder.Caller;
        LogRefused(holder.Username, reason);
        return null;
    }

    private static string? WhyNot(ApiRequest request, KeyHolder holder, DateTimeOffset now)
    {
        if (!holder.MayCall) return "the user or its account is not enabled";
        if (holder.SecretKey is null) return "its secret key was encrypted with another key than this server's";
        if (!RequestSignature.IsOf(request.Parameters, holder.SecretKey)) return "the signature is not that of this request and secret key";
        return RequestExpiry.Allows(request, now) ? null : "the request has expired, or has no expires and needs one";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A call with the API key of {Username} was refused: {Reason}")]
    private partial void LogRefused(string username, string reason);
}
