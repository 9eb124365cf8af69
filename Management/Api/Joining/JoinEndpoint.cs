using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using PciBus.Contracts.Joining;

namespace PciBus.Management.Api.Joining;

/// <summary>Reads what <c>Agent join</c> asks from HTTP, and writes the answer. The token is all that speaks for the one who asks.</summary>
internal static class JoinEndpoint
{
    private const long LargestBody = 16 << 10;

    public static async Task AnswerAsync(HttpContext context)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = LargestBody;
        context.Response.Headers.CacheControl = "no-store";
        var isPrivate = context.Request.IsHttps || context.Connection.RemoteIpAddress is not { } from || IPAddress.IsLoopback(from);
        if (!isPrivate)
        {
            await WriteAsync(context, StatusCodes.Status403Forbidden, new HostJoinAnswer { Refusal = "hosts join over HTTPS: api.tls.certificate is not set" });
            return;
        }

        if (await ReadAsync(context) is not { } request)
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, new HostJoinAnswer { Refusal = "what was sent is no request of Agent join" });
            return;
        }

        var answer = await context.RequestServices.GetRequiredService<HostJoining>().JoinAsync(request, context.RequestAborted);
        await WriteAsync(context, answer.Refusal is null ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden, answer);
    }

    private static async Task<HostJoinRequest?> ReadAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFromJsonAsync<HostJoinRequest>(context.RequestAborted);
        }
        catch (Exception exception) when (exception is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Task WriteAsync(HttpContext context, int status, HostJoinAnswer answer)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    }
}
