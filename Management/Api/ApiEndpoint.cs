using System.Net;
using Microsoft.AspNetCore.Http.Features;
using PciBus.Management.Accounts;
using PciBus.Management.Api.Signing;

namespace PciBus.Management.Api;

/// <summary>Reads a call from HTTP and writes its answer.</summary>
internal static class ApiEndpoint
{
    private const string ContentType = "application/json; charset=UTF-8";

    /// <summary>
    /// No parameter of a command is long; without a limit, strangers could make the server write long texts to compare signatures.
    /// </summary>
    private const long LargestSignedBody = 128 << 10;

    /// <summary>Answers a call on the integration port: every caller there is the administrator.</summary>
    public static async Task AnswerAdminAsync(HttpContext context)
    {
        if (ComesFromABrowser(context.Request))
        {
            await WriteAsync(context, Unauthorized("The integration port answers no other site's pages"));
            return;
        }

        var dispatcher = context.RequestServices.GetRequiredService<ApiDispatcher>();
        await AnswerAsync(context, request => dispatcher.DispatchAsync(request, Caller.Admin, context.RequestAborted));
    }

    /// <summary>Answers a call on the signed port: the user who signed the call is the caller.</summary>
    public static Task AnswerSignedAsync(HttpContext context)
    {
        // The server reads the body before it knows who sent it.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = LargestSignedBody;
        var dispatcher = context.RequestServices.GetRequiredService<SignedDispatcher>();
        return AnswerAsync(context, request => dispatcher.DispatchAsync(request, context.RequestAborted));
    }

    private static async Task AnswerAsync(HttpContext context, Func<ApiRequest, Task<ApiResult>> dispatch)
    {
        var result = await ReadAsync(context.Request, context.RequestAborted) is { } request
            ? await dispatch(request)
            : new ApiResult(
                ApiErrors.MalformedParameter,
                ApiDispatcher.UnknownCommandWrapper,
                new ApiErrorResponse(new ApiException(ApiErrors.MalformedParameter, 9999, "The form could not be read")));
        await WriteAsync(context, result);
    }

    /// <summary>
    /// A page of another site, or a name that was made to point at this machine, could use the administrator's browser to
    /// reach the port.
    /// </summary>
    private static bool ComesFromABrowser(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var isLoopback = request.Host.Host == "localhost"
            || (IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
        return !isLoopback || site is "cross-site" or "same-site";
    }

    private static async Task<ApiRequest?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var form = request.HasFormContentType ? await request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
            return ApiRequest.Of(request.Query, form);
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static ApiResult Unauthorized(string text) => new(
        ApiErrors.Unauthorized, ApiDispatcher.UnknownCommandWrapper, new ApiErrorResponse(
            new ApiException(ApiErrors.Unauthorized, 4290, text)));

    private static Task WriteAsync(HttpContext context, ApiResult result)
    {
        context.Response.StatusCode = result.Status;
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(ApiJson.Write(result), context.RequestAborted);
    }
}
