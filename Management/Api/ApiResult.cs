namespace PciBus.Management.Api;

/// <summary>A call's answer, ready to be written.</summary>
/// <param name="Status">The HTTP status: 200, or the error code.</param>
/// <param name="Wrapper">The one key on top.</param>
internal sealed record ApiResult(int Status, string Wrapper, object Body);
