using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using PciBus.Management.Api;

namespace PciBus.Management.Setup;

/// <summary>
/// Limits how many calls an address makes on the signed port, before anybody knows who calls: to find out costs more than to ask. It is
/// not by API key: keys are no secret, and somebody else could use up what their holders may ask for.
/// </summary>
internal static class ThrottlingSetup
{
    private const int NetworkBytes = 8;

    /// <param name="services">Where it is registered.</param>
    /// <param name="max">CloudStack's <c>api.throttling.max</c>: calls of an address within the interval; 0 = as many as it likes.</param>
    /// <param name="interval">CloudStack's <c>api.throttling.interval</c>.</param>
    public static IServiceCollection AddThrottling(this IServiceCollection services, int max, TimeSpan interval) =>
        services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (rejected, cancellationToken) =>
        {
            var seconds = Math.Max(1, Math.Ceiling(interval.TotalSeconds));
            rejected.HttpContext.Response.Headers.RetryAfter = $"{seconds:0}";
            rejected.HttpContext.Response.ContentType = "application/json; charset=UTF-8";
            var error = new ApiException(
                ApiErrors.TooManyRequests,
                4545,
                $"{max} calls of one address in {seconds:0} s are allowed (api.throttling.max); try again later");
            await rejected.HttpContext.Response.WriteAsync(
                ApiJson.Write(
                    new ApiResult(error.Code, ApiDispatcher.UnknownCommandWrapper, new ApiErrorResponse(error))), cancellationToken);
        };
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            max == 0 || context.Features.Get<IntegrationPort>() is not null
                ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetFixedWindowLimiter(
                    NetworkOf(context.Connection.RemoteIpAddress), _ =>
                        new FixedWindowRateLimiterOptions { PermitLimit = max, Window = interval }));
    });

    /// <summary>The network that counts as one address: the holder of an IPv6 address has 2^64 of them.</summary>
    private static string NetworkOf(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, NetworkBytes)),
        _ => address.ToString(),
    };
}
