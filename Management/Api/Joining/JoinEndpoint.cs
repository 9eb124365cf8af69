using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using PciBus.Contracts.Joining;

namespace PciBus.Management.Api.Joining;

/// <summary>Reads from HTTP what <c>Agent join</c> asks, and writes the answer. Only the token speaks for the caller.</summary>
internal static class JoinEndpoint
{
    private const long LargestBody = 16 << 10;
    private const int LongestWord = 255;

    public static async Task AnswerAsync(HttpContext context)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = LargestBody;
        context.Response.Headers.CacheControl = "no-store";
        var isPrivate = context.Request.IsHttps || context.Connection.RemoteIpAddress is not { } from || IPAddress.IsLoopback(from);
        if (!isPrivate)
        {
            await WriteAsync(
                context,
                StatusCodes.Status403Forbidden,
                new HostJoinAnswer { Refusal = "hosts join over HTTPS: api.tls.certificate is not set" });
            return;
        }

        if (await ReadAsync(context) is not { } request)
        {
            await WriteAsync(
                context, StatusCodes.Status400BadRequest, new HostJoinAnswer { Refusal = "what was sent is no request of Agent join" });
            return;
        }

        var answer = await context.RequestServices.GetRequiredService<HostJoining>().JoinAsync(request, context.RequestAborted);
        await WriteAsync(context, answer.Refusal is null ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden, answer);
    }

    private static async Task<HostJoinRequest?> ReadAsync(HttpContext context)
    {
        try
        {
            var request = await context.Request.ReadFromJsonAsync<HostJoinRequest>(context.RequestAborted);
            string?[] words = [request?.Token, request?.Guid, request?.Name, request?.Zone, request?.Pod, request?.Cluster];
            return words.All(IsWord) ? request : null;
        }
        catch (Exception exception) when (exception is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text is logged before anybody knows who sent it.</summary>
    private static bool IsWord(string? text) => text is { Length: > 0 and <= LongestWord } && !text.Any(char.IsControl);

    private static Task WriteAsync(HttpContext context, int status, HostJoinAnswer answer)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    }
}
