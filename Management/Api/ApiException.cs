namespace PciBus.Management.Api;

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
