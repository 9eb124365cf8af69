using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PciBus.Tests.Support;

/// <summary>What RabbitMQ's HTTP API says and does about users, within this process: a test has something happen between two requests.</summary>
internal sealed class ScriptedBrokerApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private (string Method, string User, Func<Task> Work)? _interruption;

    private ScriptedBrokerApi(WebApplication app) => _app = app;

    /// <summary>The hash of each user's password.</summary>
    public ConcurrentDictionary<string, string> Users { get; } = new();

    public Uri Address => new(_app.Urls.Single());

    public static async Task<ScriptedBrokerApi> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var api = new ScriptedBrokerApi(builder.Build());
        api._app.Run(api.AnswerAsync);
        await api._app.StartAsync(cancellationToken);
        return api;
    }

    /// <summary>Has something happen before the next request of a kind is answered; only before that one.</summary>
    public void Before(string method, string user, Func<Task> work) => _interruption = (method, user, work);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var name = path.StartsWith("/api/users/", StringComparison.Ordinal) ? path["/api/users/".Length..] : null;
        if (_interruption is { } now && now.Method == context.Request.Method && now.User == name)
        {
            _interruption = null;
            await now.Work();
        }

        switch (context.Request.Method)
        {
            case "GET" when name is null:
                await WriteAsync(context, new JsonArray([.. Users.Select(pair => Describe(pair.Key, pair.Value))]));
                break;
            case "GET" when Users.TryGetValue(name, out var hash):
                await WriteAsync(context, Describe(name, hash));
                break;
            case "PUT" when name is not null:
                Users[name] = (string)(await JsonNode.ParseAsync(context.Request.Body))!["password_hash"]!;
                break;
            case "PUT":
                break;
            case "DELETE" when name is not null && Users.TryRemove(name, out _):
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    /// <summary>As a user is listed, and as its rights are.</summary>
    private static JsonObject Describe(string name, string hash) => new() { ["user"] = name, ["name"] = name, ["password_hash"] = hash };

    private static Task WriteAsync(HttpContext context, JsonNode content)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(content.ToJsonString());
    }
}
