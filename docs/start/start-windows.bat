@echo off
rem Starts the classroom app on Windows by a double click. The first time it installs what the app needs and compiles
rem the model for browsers: some minutes, with internet. Close this window to close the app.
cd /d "%~dp0\..\.."
where py >nul 2>nul || (echo Install Python 3.11 or newer first: python.org & pause & exit /b 1)
if not exist .venv\Scripts\partnership.exe (
    py -3 -m venv .venv || (pause & exit /b 1)
    .venv\Scripts\python -m pip install --quiet -e ".[lab,page]" || (pause & exit /b 1)
)
.venv\Scripts\partnership lab open=true %*
pause
