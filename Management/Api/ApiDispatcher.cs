using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api;

/// <summary>Finds a call's command, binds its parameters, executes it and wraps its answer.</summary>
internal sealed partial class ApiDispatcher(ApiCatalog catalog, IServiceScopeFactory scopes, ILogger<ApiDispatcher> logger)
{
    /// <summary>The key on top when there is no command to name it after.</summary>
    public const string UnknownCommandWrapper = "errorresponse";

    public async Task<ApiResult> DispatchAsync(ApiRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (request.Command is not { Length: > 0 } name) return Unsupported("No command was given; command=listApis lists them");
        if (catalog.Find(name) is not { } command) return Unsupported($"Unknown API command: {name}");
        // Every caller is the root administrator so far; the roles of others are held against command.Roles here.
        try
        {
            var answer = await ExecuteAsync(command, request, caller, cancellationToken);
            return new ApiResult(StatusCodes.Status200OK, command.Wrapper, answer.Body);
        }
        catch (ApiException error)
        {
            LogRefused(command.Name, error.Code, error.Message);
            return Refused(command.Wrapper, error);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Refused(command.Wrapper, ApiErrors.Of(Refusal.Race("Others change it all the time; try again")));
        }
        catch (Exception exception) when (DatabaseTrouble.Of(exception) is not null && !cancellationToken.IsCancellationRequested)
        {
            var trouble = DatabaseTrouble.Of(exception)!;
            LogNotDone(command.Name, trouble);
            return Refused(
                command.Wrapper, ApiErrors.Unavailable($"The database cannot be used now: {trouble}. Nothing was done; try again"));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The text of an exception stays inside: it may name more than callers should know.
            var id = Guid.NewGuid();
            LogFailed(exception, command.Name, id);
            return Refused(
                command.Wrapper,
                new ApiException(ApiErrors.InternalError, 4250, $"Internal error {id}: the log of the management server tells more"));
        }
    }

    private async Task<ApiAnswer> ExecuteAsync(
        ApiCommandDescription description, ApiRequest request, Caller caller, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var command = (ApiCommand)ActivatorUtilities.CreateInstance(scope.ServiceProvider, description.Type);
        command.Caller = caller;
        await scope.ServiceProvider.GetRequiredService<ApiParameterBinder>().BindAsync(description, request, command, cancellationToken);
        return await command.ExecuteAsync(cancellationToken);
    }

    private static ApiResult Unsupported(string text) =>
        Refused(UnknownCommandWrapper, new ApiException(ApiErrors.UnsupportedAction, 9999, text));

    private static ApiResult Refused(string wrapper, ApiException error) => new(error.Code, wrapper, new ApiErrorResponse(error));

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Command} was refused with {Code}: {Text}")]
    private partial void LogRefused(string command, int code, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Command} was not done: the database cannot be used now, {Trouble}")]
    private partial void LogNotDone(string command, string trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Command} failed with internal error {Id}")]
    private partial void LogFailed(Exception exception, string command, Guid id);
}
